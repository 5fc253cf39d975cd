// Cosmos DB, if it is to keep the session cache in the place of PostgreSQL (SESSION_STORE=cosmos).

@description('Name of the account.')
@minLength(3)
@maxLength(44)
param name string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Whether the account answers outside of the virtual network. Keys are off either way.')
param isPublic bool

@description('Object id of the identity that uses the account.')
param principalId string

@description('Name of the database.')
param databaseName string

// The service cannot make it by an identity, and takes this name (src/adapters/cosmos).
var containerName = 'session-cache'

resource account 'Microsoft.DocumentDB/databaseAccounts@2025-10-15' = {
  name: name
  location: location
  tags: tags
  kind: 'GlobalDocumentDB'
  properties: {
    databaseAccountOfferType: 'Standard'
    capabilities: [{ name: 'EnableServerless' }]
    consistencyPolicy: { defaultConsistencyLevel: 'Session' }
    disableLocalAuth: true
    disableKeyBasedMetadataWriteAccess: true
    locations: [{ locationName: location, failoverPriority: 0 }]
    minimalTlsVersion: 'Tls12'
    publicNetworkAccess: isPublic ? 'Enabled' : 'Disabled'
  }
}

resource database 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases@2025-10-15' = {
  parent: account
  name: databaseName
  properties: {
    resource: { id: databaseName }
  }
}

resource container 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2025-10-15' = {
  parent: database
  name: containerName
  properties: {
    resource: {
      id: containerName
      partitionKey: {
        kind: 'Hash'
        paths: ['/session']
        version: 2
      }
      // Time to live is on, and each item says its own.
      defaultTtl: -1
      indexingPolicy: {
        indexingMode: 'consistent'
        // What the service asks by: a prefix of the key, and what has ended. Values are not searched.
        includedPaths: [{ path: '/key/?' }, { path: '/expires_at/?' }]
        excludedPaths: [{ path: '/*' }]
      }
    }
  }
}

// Built-in Data Contributor: read, upsert, delete and query of items. On the account, because the client reads the account's regions first.
resource access 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2025-10-15' = {
  parent: account
  name: guid(account.id, principalId)
  properties: {
    principalId: principalId
    roleDefinitionId: '${account.id}/sqlRoleDefinitions/00000000-0000-0000-0000-000000000002'
    scope: account.id
  }
}

output id string = account.id
output endpoint string = account.properties.documentEndpoint
