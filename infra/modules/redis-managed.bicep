// Azure Managed Redis: the hot tier of conversations, a tier of the session cache, the rate limit over all instances.

@description('Name of the cache.')
param name string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Size, for instance Balanced_B0 (0.5 GB).')
param sku string

@description('Two nodes instead of one. Can be turned on later, not off.')
param highAvailability bool

@description('Whether the cache answers outside of the virtual network. Keys are off either way.')
param isPublic bool

@description('Object id of the identity that uses the cache.')
param principalId string

@description('Log Analytics workspace that takes its metrics.')
param workspaceId string

resource cache 'Microsoft.Cache/redisEnterprise@2025-07-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: sku }
  properties: {
    highAvailability: highAvailability ? 'Enabled' : 'Disabled'
    minimumTlsVersion: '1.2'
    publicNetworkAccess: isPublic ? 'Enabled' : 'Disabled'
  }
}

resource database 'Microsoft.Cache/redisEnterprise/databases@2025-07-01' = {
  parent: cache
  name: 'default'
  properties: {
    port: 10000
    clientProtocol: 'Encrypted'
    // The client knows one server (docs/decisions/0018); the default would be a cluster, and cannot be changed later.
    clusteringPolicy: 'NoCluster'
    // Copies have a time to live and may go. The journal has none, and this policy does not touch it (docs/decisions/0020).
    evictionPolicy: 'VolatileLRU'
    persistence: {
      aofEnabled: true
      aofFrequency: '1s'
    }
    accessKeysAuthentication: 'Disabled'
  }
}

// The only policy there is. Needed by every command; for scripts that ask INFO see docs/decisions/0020: if the service refuses that,
// conversations are not kept hot, and `ret doctor` says so.
resource access 'Microsoft.Cache/redisEnterprise/databases/accessPolicyAssignments@2025-07-01' = {
  parent: database
  // Letters and digits only.
  name: replace(guid(cache.id, principalId), '-', '')
  properties: {
    accessPolicyName: 'default'
    user: { objectId: principalId }
  }
}

resource metrics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: cache
  name: 'metrics'
  properties: {
    workspaceId: workspaceId
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

output id string = cache.id
output host string = cache.properties.hostName
output port int = database.properties.port
output metricNamespace string = cache.type
