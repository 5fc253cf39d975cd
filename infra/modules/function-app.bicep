// The app: the plan Flex Consumption, the handler's package and its settings. The names of settings are those of src/config.

@description('Name of the app, and of its host.')
param name string

@description('Name of the plan, which is this app\'s alone.')
param planName string

@description('Region.')
param location string

@description('Tags of all resources.')
param tags object

@description('The service in azure.yaml whose package goes here.')
param serviceName string

@description('The identity of the service.')
param identity {
  id: string
  clientId: string
}

@description('Instances: memory of each in MB, how many at most, requests that one takes at once, and which are never stopped.')
param scale {
  memory: 512 | 2048 | 4096
  maximum: int
  requestsAtOnce: int
  alwaysReady: { name: string, instanceCount: int }[]
}

@description('Subnet that the app looks out of; empty without a virtual network.')
param subnetId string

@description('Account of the host.')
param hostStorage {
  blobEndpoint: string
  queueEndpoint: string
  tableEndpoint: string
  packageContainer: string
}

@description('Account and container of session files.')
param sessionFiles {
  blobEndpoint: string
  container: string
}

@description('URL of the database, without a password, and connections of one instance.')
param database {
  url: string
  connections: int
}

@description('URL of Redis, without a password; empty without Redis.')
param redisUrl string

@description('What keeps the session cache, and Cosmos DB if that does.')
param sessionCache {
  store: 'postgres' | 'cosmos'
  cosmosEndpoint: string
  cosmosDatabase: string
}

@description('Azure OpenAI and its deployments; empty without.')
param models {
  endpoint: string
  chat: string
  embedding: string
}

@description('Where the signing key is.')
param signingKeyUri string

@description('Connection string of Application Insights, which opens nothing by itself.')
param applicationInsights string

@description('The header in which the front end tells the client\'s address.')
param clientIpHeader string

@description('Other origins whose pages may call the API.')
param allowedOrigins string[]

@description('Further settings, by their names in local.settings.json.example: limits, for instance.')
param furtherSettings object

var handlerSettings = {
  // Behind TLS on every stage: cookies for https only, and no secrets made up.
  ENV: 'production'
  AZURE_CLIENT_ID: identity.clientId
  CLIENT_IP_HEADER: clientIpHeader
  CORS_ORIGINS: join(allowedOrigins, ',')
  JWT_SECRET_KEY: '@Microsoft.KeyVault(SecretUri=${signingKeyUri})'
  // The package is mounted for reading only. This disk is small and goes with the instance; nothing is kept on it.
  RET_RUNTIME_ROOT: '/tmp/ret'
  STORAGE_BLOB_ENDPOINT: sessionFiles.blobEndpoint
  STORAGE_CONTAINER: sessionFiles.container
  DATABASE_URL: database.url
  DATABASE_MAX_CONNECTIONS: string(database.connections)
  REDIS_ENABLED: empty(redisUrl) ? 'false' : 'true'
  REDIS_CONNECTION_STRING: redisUrl
  SESSION_STORE: sessionCache.store
  COSMOS_ENDPOINT: sessionCache.cosmosEndpoint
  COSMOS_DATABASE: sessionCache.cosmosDatabase
  AZURE_OPENAI_ENDPOINT: models.endpoint
  AZURE_OPENAI_CHAT_MODEL: models.chat
  AZURE_OPENAI_EMBED_MODEL: models.embedding
}

// Jobs are announced in the account of AzureWebJobsStorage, where the host listens; the service reads these settings too.
var hostSettings = {
  APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsights
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.clientId};Authorization=AAD'
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identity.clientId
  AzureWebJobsStorage__blobServiceUri: hostStorage.blobEndpoint
  AzureWebJobsStorage__queueServiceUri: hostStorage.queueEndpoint
  AzureWebJobsStorage__tableServiceUri: hostStorage.tableEndpoint
}

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    tier: 'FlexConsumption'
    name: 'FC1'
  }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-11-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': serviceName })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    keyVaultReferenceIdentity: identity.id
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${hostStorage.blobEndpoint}${hostStorage.packageContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identity.id
          }
        }
      }
      runtime: {
        name: 'custom'
        version: '1.0'
      }
      scaleAndConcurrency: {
        instanceMemoryMB: scale.memory
        maximumInstanceCount: scale.maximum
        alwaysReady: scale.alwaysReady
        triggers: {
          http: { perInstanceConcurrency: scale.requestsAtOnce }
        }
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      // The platform answers preflights itself, before the service sees them.
      cors: { allowedOrigins: allowedOrigins }
    }
  }

  resource settings 'config' = {
    name: 'appsettings'
    properties: union(hostSettings, handlerSettings, furtherSettings)
  }

  // Packages come with a token of Entra only.
  resource scmPasswords 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }

  resource ftpPasswords 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }
}

output name string = app.name
output id string = app.id
output url string = 'https://${app.properties.defaultHostName}'
