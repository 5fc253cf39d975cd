// One person tries things: the smallest of everything, nothing kept ready, nothing private. `azd` takes infra/main.parameters.json in its stead.
using '../main.bicep'

param environmentName = 'dev'
param databaseAdministrator = {
  id: readEnvironmentVariable('RET_PRINCIPAL_ID')
  name: readEnvironmentVariable('RET_PRINCIPAL_NAME')
  type: readEnvironmentVariable('RET_PRINCIPAL_TYPE', 'User')
}
param signingKey = readEnvironmentVariable('RET_SIGNING_KEY', '')
param redisKind = readEnvironmentVariable('RET_REDIS_KIND', 'managed')
param clientIpHeader = readEnvironmentVariable('RET_CLIENT_IP_HEADER', 'Client-IP')

param maximumInstances = 40
param databaseConnections = 4
param postgres = {
  sku: 'Standard_B2s'
  tier: 'Burstable'
  storageGigabytes: 32
  highAvailability: 'Disabled'
  backupDays: 7
  geoRedundantBackup: false
}
param alertEmail = readEnvironmentVariable('RET_ALERT_EMAIL', '')
