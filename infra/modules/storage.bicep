// A storage account with its containers and queues. Used twice: for the Functions host, and for session files.

@description('Name of the account.')
@minLength(3)
@maxLength(24)
param name string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('How often the bytes are kept.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
param sku string

@description('Whether the account answers outside of the virtual network. Keys are off either way.')
param isPublic bool

@description('Containers of blobs.')
param containers string[]

@description('Queues.')
param queues string[] = []

@description('Origins whose pages put files at signed addresses.')
param uploadOrigins string[] = []

@description('Days after which blobs are removed that nobody has changed. 0 keeps them.')
@minValue(0)
param removeAfterDays int = 0

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: sku }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: isPublic ? 'Enabled' : 'Disabled'
    networkAcls: {
      // Or the platform's own removal below is kept out.
      bypass: 'AzureServices'
      defaultAction: isPublic ? 'Allow' : 'Deny'
    }
  }
}

resource blobService 'Microsoft.Storage/storageAccounts/blobServices@2025-06-01' = {
  parent: account
  name: 'default'
  properties: {
    // What is deleted at the end of a session is gone: no second copy is kept anywhere.
    deleteRetentionPolicy: { enabled: false }
    containerDeleteRetentionPolicy: { enabled: false }
    isVersioningEnabled: false
    cors: {
      corsRules: empty(uploadOrigins)
        ? []
        : [
            {
              allowedOrigins: uploadOrigins
              allowedMethods: ['PUT']
              // What a ticket asks its client to send (src/adapters/azure/blob).
              allowedHeaders: ['content-type', 'x-ms-blob-type']
              exposedHeaders: ['etag', 'x-ms-request-id']
              maxAgeInSeconds: 3600
            }
          ]
    }
  }
}

resource blobContainers 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = [
  for container in containers: {
    parent: blobService
    name: container
    properties: { publicAccess: 'None' }
  }
]

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2025-06-01' = if (!empty(queues)) {
  parent: account
  name: 'default'
}

resource accountQueues 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-06-01' = [
  for queue in queues: {
    parent: queueService
    name: queue
  }
]

// Behind the service's own cleanup, which removes within the hour: this runs about once a day.
resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2025-06-01' = if (removeAfterDays > 0) {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: [
        {
          name: 'remove-what-was-forgotten'
          type: 'Lifecycle'
          enabled: true
          definition: {
            filters: {
              blobTypes: ['blockBlob']
              prefixMatch: map(containers, container => '${container}/')
            }
            actions: {
              baseBlob: {
                delete: { daysAfterModificationGreaterThan: removeAfterDays }
              }
            }
          }
        }
      ]
    }
  }
  dependsOn: [blobContainers]
}

output id string = account.id
output name string = account.name
output blobEndpoint string = account.properties.primaryEndpoints.blob
output queueEndpoint string = account.properties.primaryEndpoints.queue
output tableEndpoint string = account.properties.primaryEndpoints.table
