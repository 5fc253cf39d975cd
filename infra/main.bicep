// RET on Azure, in one resource group. This file names and connects; what each part is stands in its module. See docs/deploy.md.
targetScope = 'resourceGroup'

// ---- Where and what

@description('Name of the environment; names of resources end in it, shortened.')
@minLength(1)
@maxLength(40)
param environmentName string

@description('Region. Flex Consumption, Redis and the models are not in every one.')
param location string = resourceGroup().location

@description('Who administers the database: the principal that deploys, or a group of such. Object id, name (of a user the user principal name), and kind.')
param databaseAdministrator {
  id: string
  name: string
  type: 'User' | 'Group' | 'ServicePrincipal'
}

@description('Key that signs access tokens, at least 32 characters: for the first deployment, or to replace it. Empty leaves the one that is there.')
@secure()
param signingKey string = ''

@description('Whether a deleted vault can be brought back by all means. Without it `azd down --purge` frees its name.')
param purgeProtection bool = false

// ---- Sizes

@description('Memory of an instance in MB, of which the host takes a part.')
@allowed([512, 2048, 4096])
param instanceMemory int = 2048

@description('Instances at most. With the connections of one they must not come to more than the database takes: docs/capacity.md.')
@minValue(40)
@maxValue(1000)
param maximumInstances int = 40

@description('Requests that one instance takes at once.')
@minValue(1)
@maxValue(1000)
param requestsAtOnce int = 50

@description('Instances that are never stopped: of `http`, or of `function:NAME` for a queue or timer function.')
param alwaysReady { name: string, instanceCount: int }[] = []

@description('Connections to the database that one instance holds at most.')
@minValue(1)
param databaseConnections int = 4

@description('The database server.')
param postgres {
  sku: string
  tier: 'Burstable' | 'GeneralPurpose' | 'MemoryOptimized'
  storageGigabytes: int
  highAvailability: 'Disabled' | 'SameZone' | 'ZoneRedundant'
  backupDays: int
  geoRedundantBackup: bool
} = {
  sku: 'Standard_B2s'
  tier: 'Burstable'
  storageGigabytes: 32
  highAvailability: 'Disabled'
  backupDays: 7
  geoRedundantBackup: false
}

@description('A server beside the one that the template would make: one that was restored, in this resource group. Empty means the template\'s own.')
param databaseServer string = ''

@description('Azure Managed Redis, Azure Cache for Redis (for tenants that have it), or none: then instances share the rate limit and hot conversations through nothing.')
@allowed(['managed', 'classic', 'none'])
param redisKind string = 'managed'

@description('Size of Azure Managed Redis.')
param redisSku string = 'Balanced_B0'

@description('Two nodes of Redis: journaled writes survive the loss of one. Of the classic kind the tier Standard.')
param redisHighAvailability bool = false

@description('How often session files are kept.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
param storageSku string = 'Standard_LRS'

// ---- Parts that may be left out

@description('What keeps the session cache: the database, or Cosmos DB beside it.')
@allowed(['postgres', 'cosmos'])
param sessionStore string = 'postgres'

@description('Whether models answer in the chat.')
param deployOpenAi bool = false

@description('Region of the models.')
param openAiLocation string = location

@description('The model that answers, and its quota in thousands of tokens a minute.')
param chatModel { name: string, version: string, capacity: int } = {
  name: 'gpt-4.1-mini'
  version: '2025-04-14'
  capacity: 50
}

@description('The model that turns texts into vectors; an empty name searches by words.')
param embeddingModel { name: string, version: string, capacity: int } = {
  name: ''
  version: ''
  capacity: 0
}

@description('A virtual network in which everything the app talks to is reached by private endpoints only, monitoring excepted.')
param privateNetwork bool = false

@description('Whether browsers outside of the network put large files at signed addresses of the account of session files. Without it those go nowhere.')
param uploadsFromOutside bool = true

@description('Addresses of the virtual network, a /22 or larger.')
param networkPrefix string = '10.20.0.0/22'

// ---- How it behaves

@description('Other origins whose pages may call the API.')
param allowedOrigins string[] = []

@description('The header in which the front end tells the client\'s address. Only one that the front end writes itself: see docs/deploy.md.')
param clientIpHeader string = 'Client-IP'

@description('Days after which session files are removed that nobody has changed: behind the service\'s own cleanup, longer than any session.')
@minValue(8)
param sessionFileDays int = 30

@description('Further settings of the service, by their names in local.settings.json.example. They come before the limits that the disk sets.')
param furtherSettings object = {}

@description('Who is told by mail when a rule fires; empty tells nobody.')
param alertEmail string = ''

@description('Days that logs are kept.')
@minValue(30)
@maxValue(730)
param logDays int = 30

@description('Gigabytes of logs that may come in a day; -1 takes all.')
param logGigabytes int = 1

// ---- Names

var token = toLower(uniqueString(resourceGroup().id, environmentName, location))
var tags = { 'azd-env-name': environmentName, application: 'ret' }
// One name is the service's in azure.yaml, the rest must be as the code has it (tests/architecture).
var serviceName = 'api'
var appName = 'func-ret-${token}'
var databaseName = 'ret'
var sessionContainer = 'sessions'
var packageContainer = 'packages'
var jobQueues = ['convert-jobs', 'convert-jobs-poison']

// An instance has 0.8 GB of disk for what it keeps, what comes in, and what is unpacked of it: docs/deploy.md.
var diskSettings = {
  RET_MAX_KEPT_BYTES: '268435456'
  RET_MAX_EMBEDDED_ROWS: '50000'
  RET_MAX_UPLOAD_BYTES: '209715200'
  RET_MAX_ZIP_INFLATED_BYTES: '1073741824'
}

// ---- Parts

module identity 'modules/identity.bicep' = {
  params: {
    name: 'id-ret-${token}'
    location: location
    tags: tags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  params: {
    workspaceName: 'log-ret-${token}'
    componentName: 'appi-ret-${token}'
    location: location
    tags: tags
    retentionDays: logDays
    dailyGigabytes: logGigabytes
  }
}

module hostStorage 'modules/storage.bicep' = {
  params: {
    name: 'sthost${token}'
    location: location
    tags: tags
    sku: 'Standard_LRS'
    isPublic: !privateNetwork
    containers: [packageContainer]
    queues: jobQueues
  }
}

module sessionStorage 'modules/storage.bicep' = {
  params: {
    name: 'stdata${token}'
    location: location
    tags: tags
    sku: storageSku
    isPublic: !privateNetwork || uploadsFromOutside
    containers: [sessionContainer]
    // The page that the app serves itself, and those of others.
    uploadOrigins: concat(['https://${appName}.azurewebsites.net'], allowedOrigins)
    removeAfterDays: sessionFileDays
  }
}

module keyVault 'modules/key-vault.bicep' = {
  params: {
    name: 'kv-ret-${token}'
    location: location
    tags: tags
    isPublic: !privateNetwork
    purgeProtection: purgeProtection
    signingKey: signingKey
  }
}

module database 'modules/postgres.bicep' = {
  params: {
    name: empty(databaseServer) ? 'psql-ret-${token}' : databaseServer
    location: location
    tags: tags
    sku: postgres.sku
    tier: postgres.tier
    storageGigabytes: postgres.storageGigabytes
    highAvailability: postgres.highAvailability
    backupDays: postgres.backupDays
    geoRedundantBackup: postgres.geoRedundantBackup
    isPublic: !privateNetwork
    databaseName: databaseName
    administratorId: databaseAdministrator.id
    administratorName: databaseAdministrator.name
    administratorType: databaseAdministrator.type
  }
}

module managedRedis 'modules/redis-managed.bicep' = if (redisKind == 'managed') {
  params: {
    name: 'redis-ret-${token}'
    location: location
    tags: tags
    sku: redisSku
    highAvailability: redisHighAvailability
    isPublic: !privateNetwork
    principalId: identity.outputs.principalId
    workspaceId: monitoring.outputs.workspaceId
  }
}

module classicRedis 'modules/redis-classic.bicep' = if (redisKind == 'classic') {
  params: {
    name: 'redis-ret-${token}'
    location: location
    tags: tags
    tier: redisHighAvailability ? 'Standard' : 'Basic'
    capacity: redisHighAvailability ? 1 : 0
    isPublic: !privateNetwork
    principalId: identity.outputs.principalId
    workspaceId: monitoring.outputs.workspaceId
  }
}

module cosmos 'modules/cosmos.bicep' = if (sessionStore == 'cosmos') {
  params: {
    name: 'cosmos-ret-${token}'
    location: location
    tags: tags
    isPublic: !privateNetwork
    principalId: identity.outputs.principalId
    databaseName: databaseName
  }
}

module openAi 'modules/openai.bicep' = if (deployOpenAi) {
  params: {
    name: 'oai-ret-${token}'
    location: openAiLocation
    tags: tags
    isPublic: !privateNetwork
    chatModel: chatModel
    embeddingModel: embeddingModel
  }
}

var redis = {
  id: redisKind == 'managed' ? managedRedis!.outputs.id : redisKind == 'classic' ? classicRedis!.outputs.id : ''
  metricNamespace: redisKind == 'managed' ? managedRedis!.outputs.metricNamespace : redisKind == 'classic' ? classicRedis!.outputs.metricNamespace : ''
  server: redisKind == 'managed'
    ? '${managedRedis!.outputs.host}:${managedRedis!.outputs.port}'
    : redisKind == 'classic' ? '${classicRedis!.outputs.host}:${classicRedis!.outputs.port}' : ''
}

module roles 'modules/roles.bicep' = {
  params: {
    principalId: identity.outputs.principalId
    hostAccountName: hostStorage.outputs.name
    dataAccountName: sessionStorage.outputs.name
    sessionContainer: sessionContainer
    vaultName: keyVault.outputs.name
    componentName: monitoring.outputs.componentName
    openAiName: deployOpenAi ? openAi!.outputs.name : ''
  }
}

// ---- The network, if there is one

var zones = {
  blob: 'privatelink.blob.${environment().suffixes.storage}'
  queue: 'privatelink.queue.${environment().suffixes.storage}'
  table: 'privatelink.table.${environment().suffixes.storage}'
  vault: 'privatelink.vaultcore.azure.net'
  postgres: 'privatelink.postgres.database.azure.com'
  redis: 'privatelink.redis.azure.net'
  classicRedis: 'privatelink.redis.cache.windows.net'
  cosmos: 'privatelink.documents.azure.com'
  openAi: 'privatelink.openai.azure.com'
}

// How many there are must be known before anything is made, so what is known only later stands by itself.
var endpoints = [
  { name: 'host-blob', isThere: true, group: 'blob', zone: zones.blob }
  { name: 'host-queue', isThere: true, group: 'queue', zone: zones.queue }
  { name: 'host-table', isThere: true, group: 'table', zone: zones.table }
  { name: 'data-blob', isThere: true, group: 'blob', zone: zones.blob }
  { name: 'vault', isThere: true, group: 'vault', zone: zones.vault }
  { name: 'postgres', isThere: true, group: 'postgresqlServer', zone: zones.postgres }
  { name: 'redis', isThere: redisKind == 'managed', group: 'redisEnterprise', zone: zones.redis }
  { name: 'redis-classic', isThere: redisKind == 'classic', group: 'redisCache', zone: zones.classicRedis }
  { name: 'cosmos', isThere: sessionStore == 'cosmos', group: 'Sql', zone: zones.cosmos }
  { name: 'openai', isThere: deployOpenAi, group: 'account', zone: zones.openAi }
]

var endpointTargets = {
  'host-blob': hostStorage.outputs.id
  'host-queue': hostStorage.outputs.id
  'host-table': hostStorage.outputs.id
  'data-blob': sessionStorage.outputs.id
  vault: keyVault.outputs.id
  postgres: database.outputs.id
  redis: redis.id
  'redis-classic': redis.id
  cosmos: sessionStore == 'cosmos' ? cosmos!.outputs.id : ''
  openai: deployOpenAi ? openAi!.outputs.id : ''
}

module network 'modules/network.bicep' = if (privateNetwork) {
  params: {
    name: 'vnet-ret-${token}'
    location: location
    tags: tags
    addressPrefix: networkPrefix
    zones: map(items(zones), one => one.value)
  }
}

module privateEndpoints 'modules/private-endpoint.bicep' = [
  for one in endpoints: if (privateNetwork && one.isThere) {
    name: 'endpoint-${one.name}'
    params: {
      name: 'pe-${one.name}-${token}'
      location: location
      tags: tags
      subnetId: network!.outputs.endpointSubnetId
      resourceId: endpointTargets[one.name]
      groupId: one.group
      zone: one.zone
    }
  }
]

// ---- The app

module app 'modules/function-app.bicep' = {
  params: {
    name: appName
    planName: 'plan-ret-${token}'
    location: location
    tags: tags
    serviceName: serviceName
    identity: {
      id: identity.outputs.id
      clientId: identity.outputs.clientId
    }
    scale: {
      memory: instanceMemory
      maximum: maximumInstances
      requestsAtOnce: requestsAtOnce
      alwaysReady: alwaysReady
    }
    subnetId: privateNetwork ? network!.outputs.appSubnetId : ''
    hostStorage: {
      blobEndpoint: hostStorage.outputs.blobEndpoint
      queueEndpoint: hostStorage.outputs.queueEndpoint
      tableEndpoint: hostStorage.outputs.tableEndpoint
      packageContainer: packageContainer
    }
    sessionFiles: {
      blobEndpoint: sessionStorage.outputs.blobEndpoint
      container: sessionContainer
    }
    database: {
      url: 'postgres://${identity.outputs.name}@${database.outputs.host}:${database.outputs.port}/${database.outputs.databaseName}'
      connections: databaseConnections
    }
    redisUrl: redisKind == 'none' ? '' : 'rediss://${identity.outputs.principalId}@${redis.server}'
    sessionCache: {
      store: sessionStore
      cosmosEndpoint: sessionStore == 'cosmos' ? cosmos!.outputs.endpoint : ''
      cosmosDatabase: sessionStore == 'cosmos' ? databaseName : ''
    }
    models: {
      endpoint: deployOpenAi ? openAi!.outputs.endpoint : ''
      chat: deployOpenAi ? chatModel.name : ''
      embedding: deployOpenAi ? embeddingModel.name : ''
    }
    signingKeyUri: keyVault.outputs.signingKeyUri
    applicationInsights: monitoring.outputs.connectionString
    clientIpHeader: clientIpHeader
    allowedOrigins: allowedOrigins
    furtherSettings: union(diskSettings, furtherSettings)
  }
  // The host starts with its rights, and by names that lead to its network.
  dependsOn: [roles, privateEndpoints]
}

module alerts 'modules/alerts.bicep' = {
  params: {
    prefix: 'ret-${environmentName}'
    location: location
    tags: tags
    email: alertEmail
    workspaceId: monitoring.outputs.workspaceId
    redis: {
      id: redis.id
      metricNamespace: redis.metricNamespace
    }
    postgresId: database.outputs.id
  }
}

module workbook 'modules/workbook.bicep' = {
  params: {
    title: 'RET ${environmentName}'
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
  }
}

// ---- What hooks and pipelines go on with; no secret is among it

output AZURE_RESOURCE_GROUP string = resourceGroup().name
output AZURE_FUNCTION_NAME string = app.outputs.name
output SERVICE_API_NAME string = app.outputs.name
output SERVICE_API_URI string = app.outputs.url
output RET_IDENTITY_NAME string = identity.outputs.name
output RET_IDENTITY_PRINCIPAL_ID string = identity.outputs.principalId
output RET_DATABASE_SERVER string = database.outputs.name
output RET_DATABASE_HOST string = database.outputs.host
output RET_DATABASE_NAME string = database.outputs.databaseName
output RET_KEY_VAULT_NAME string = keyVault.outputs.name
