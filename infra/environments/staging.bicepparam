// As production in everything that can break, smaller in what only costs.
using '../main.bicep'

param environmentName = 'staging'
param databaseAdministrator = {
  id: readEnvironmentVariable('RET_PRINCIPAL_ID')
  name: readEnvironmentVariable('RET_PRINCIPAL_NAME')
  type: readEnvironmentVariable('RET_PRINCIPAL_TYPE', 'ServicePrincipal')
}
param signingKey = readEnvironmentVariable('RET_SIGNING_KEY', '')
param redisKind = readEnvironmentVariable('RET_REDIS_KIND', 'managed')
param clientIpHeader = readEnvironmentVariable('RET_CLIENT_IP_HEADER', 'Client-IP')

param maximumInstances = 40
param databaseConnections = 4
param postgres = {
  sku: 'Standard_D2ds_v5'
  tier: 'GeneralPurpose'
  storageGigabytes: 64
  highAvailability: 'Disabled'
  backupDays: 7
  geoRedundantBackup: false
}
param redisSku = 'Balanced_B0'
param redisHighAvailability = true
param privateNetwork = true
param alertEmail = readEnvironmentVariable('RET_ALERT_EMAIL', '')
