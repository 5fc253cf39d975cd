// Azure Cache for Redis, for tenants that have it: since April 2026 others cannot make one, and in 2028 it ends.

@description('Name of the cache.')
param name string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Tier. Basic is one node without a promise; conversations that are only journaled want at least Standard.')
@allowed(['Basic', 'Standard'])
param tier string

@description('Size within the tier: 0 is 250 MB, 1 is 1 GB.')
@minValue(0)
@maxValue(6)
param capacity int

@description('Whether the cache answers outside of the virtual network. Keys are off either way.')
param isPublic bool

@description('Object id of the identity that uses the cache.')
param principalId string

@description('Log Analytics workspace that takes its metrics.')
param workspaceId string

// The next type is not known to every checker that works offline.
#disable-next-line BCP081
resource cache 'Microsoft.Cache/redis@2024-11-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    sku: {
      name: tier
      family: 'C'
      capacity: capacity
    }
    disableAccessKeyAuthentication: true
    enableNonSslPort: false
    minimumTlsVersion: '1.2'
    publicNetworkAccess: isPublic ? 'Enabled' : 'Disabled'
    redisConfiguration: {
      'aad-enabled': 'true'
      // Copies have a time to live and may go. The journal has none, and this policy does not touch it (docs/decisions/0020).
      'maxmemory-policy': 'volatile-lru'
    }
    redisVersion: '6'
  }
}

// Data Contributor leaves out the commands that Redis calls dangerous, INFO among them, which every script asks
// (src/adapters/redis/conversations/life.lua).
#disable-next-line BCP081
resource access 'Microsoft.Cache/redis/accessPolicyAssignments@2024-11-01' = {
  parent: cache
  name: guid(cache.id, principalId)
  properties: {
    accessPolicyName: 'Data Owner'
    objectId: principalId
    // The user's name: the service signs in by its object id, as with Azure Managed Redis.
    objectIdAlias: principalId
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
output port int = cache.properties.sslPort
output metricNamespace string = cache.type
