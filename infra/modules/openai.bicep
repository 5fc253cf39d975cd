// Azure OpenAI: the models of the chat.

@description('Name of the resource, and of its host.')
param name string

@description('Region; not every model is in every one.')
param location string

@description('Tags.')
param tags object

@description('Whether the resource answers outside of the virtual network. Keys are off either way.')
param isPublic bool

@description('A model, its version, and its quota in thousands of tokens a minute. An empty name leaves the deployment out.')
type model = {
  name: string
  version: string
  capacity: int
}

@description('The model that answers; it has to be able to call tools.')
param chatModel model

@description('The model that turns texts into vectors.')
param embeddingModel model

var models = filter([chatModel, embeddingModel], one => !empty(one.name))

resource account 'Microsoft.CognitiveServices/accounts@2025-06-01' = {
  name: name
  location: location
  tags: tags
  kind: 'OpenAI'
  sku: { name: 'S0' }
  properties: {
    // Sign-in by identity needs a host of its own.
    customSubDomainName: name
    disableLocalAuth: true
    publicNetworkAccess: isPublic ? 'Enabled' : 'Disabled'
  }
}

// One after the other: the resource takes one change at a time.
@batchSize(1)
resource deployments 'Microsoft.CognitiveServices/accounts/deployments@2025-06-01' = [
  for one in models: {
    parent: account
    name: one.name
    sku: {
      name: 'GlobalStandard'
      capacity: one.capacity
    }
    properties: {
      model: {
        format: 'OpenAI'
        name: one.name
        version: one.version
      }
      versionUpgradeOption: 'OnceCurrentVersionExpired'
    }
  }
]

output id string = account.id
output name string = account.name
output endpoint string = account.properties.endpoint
