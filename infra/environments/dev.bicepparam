// One person tries things: the smallest of everything, nothing kept ready, nothing private.
using '../main.bicep'

param environmentName = 'dev'
param databaseAdministrator = {
  id: readEnvironmentVariable('RET_PRINCIPAL_ID')
  name: readEnvironmentVariable('RET_PRINCIPAL_NAME')
  type: 'User'
}
param signingKey = readEnvironmentVariable('RET_SIGNING_KEY', '')

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
