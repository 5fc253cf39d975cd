// Where logs, requests and metrics go: one workspace, and Application Insights over it.

@description('Name of the Log Analytics workspace.')
param workspaceName string

@description('Name of Application Insights.')
param componentName string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Days that logs are kept.')
@minValue(30)
@maxValue(730)
param retentionDays int

@description('Gigabytes that may come in a day; what comes above is dropped. -1 takes all.')
param dailyGigabytes int

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' = {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionDays
    workspaceCapping: { dailyQuotaGb: dailyGigabytes }
    features: { disableLocalAuth: true }
  }
}

resource component 'Microsoft.Insights/components@2020-02-02' = {
  name: componentName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    // The host sends by the identity; the key in the connection string opens nothing.
    DisableLocalAuth: true
  }
}

output workspaceId string = workspace.id
output componentName string = component.name
output connectionString string = component.properties.ConnectionString
