// A page in the portal that shows how the service is doing, by the queries that are in infra/queries.

@description('Title of the page.')
param title string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Workspace that is asked.')
param workspaceId string

var lines = loadTextContent('../queries/lines.kql')

var queries = [
  { title: 'Requests', chart: 'table', query: loadTextContent('../queries/requests.kql') }
  { title: 'Refused requests', chart: 'table', query: loadTextContent('../queries/refusals.kql') }
  { title: 'Slowest requests, and what was said in them', chart: 'table', query: loadTextContent('../queries/slowest-requests.kql') }
  { title: 'Conversions', chart: 'barchart', query: loadTextContent('../queries/conversions.kql') }
  { title: 'Failed jobs', chart: 'table', query: loadTextContent('../queries/job-failures.kql') }
  { title: 'Errors', chart: 'table', query: loadTextContent('../queries/errors.kql') }
  { title: 'Conversations: what waits, what Redis holds', chart: 'timechart', query: loadTextContent('../queries/conversations-over-time.kql') }
  { title: 'Redis: keys found, of 100', chart: 'timechart', query: loadTextContent('../queries/redis-hit-rate-over-time.kql') }
]

var timeRange = {
  type: 9
  content: {
    version: 'KqlParameterItem/1.0'
    style: 'pills'
    parameters: [
      {
        version: 'KqlParameterItem/1.0'
        name: 'Time'
        type: 4
        isRequired: true
        value: { durationMs: 86400000 }
        typeSettings: {
          selectableValues: [{ durationMs: 3600000 }, { durationMs: 86400000 }, { durationMs: 604800000 }]
        }
      }
    ]
  }
  name: 'time'
}

var charts = [
  for one in queries: {
    type: 3
    content: {
      version: 'KqlItem/1.0'
      title: one.title
      query: '${lines}\n${one.query}'
      size: 0
      timeContextFromParameter: 'Time'
      queryType: 0
      resourceType: 'microsoft.operationalinsights/workspaces'
      visualization: one.chart
    }
    name: one.title
  }
]

// The next type is not known to every checker that works offline.
#disable-next-line BCP081
resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, title)
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: title
    category: 'workbook'
    sourceId: workspaceId
    serializedData: string({
      version: 'Notebook/1.0'
      items: concat([timeRange], charts)
      fallbackResourceIds: [workspaceId]
    })
  }
}
