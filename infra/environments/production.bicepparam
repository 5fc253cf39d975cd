// Users rely on it: two of what keeps something, one instance always there, everything behind private endpoints but the addresses that
// browsers upload to.
using '../main.bicep'

param environmentName = 'production'
param databaseAdministrator = {
  id: readEnvironmentVariable('RET_PRINCIPAL_ID')
  name: readEnvironmentVariable('RET_PRINCIPAL_NAME')
  type: readEnvironmentVariable('RET_PRINCIPAL_TYPE', 'ServicePrincipal')
}
param signingKey = readEnvironmentVariable('RET_SIGNING_KEY', '')
param redisKind = readEnvironmentVariable('RET_REDIS_KIND', 'managed')
param clientIpHeader = readEnvironmentVariable('RET_CLIENT_IP_HEADER', 'Client-IP')
param purgeProtection = true

param maximumInstances = 200
param alwaysReady = [{ name: 'http', instanceCount: 1 }]
param databaseConnections = 4
param postgres = {
  sku: 'Standard_D2ds_v5'
  tier: 'GeneralPurpose'
  storageGigabytes: 128
  highAvailability: 'ZoneRedundant'
  backupDays: 35
  geoRedundantBackup: true
}
param redisSku = 'Balanced_B1'
param redisHighAvailability = true
param storageSku = 'Standard_ZRS'
param privateNetwork = true
param uploadsFromOutside = true
param logDays = 90
param logGigabytes = 5
param alertEmail = readEnvironmentVariable('RET_ALERT_EMAIL', '')
