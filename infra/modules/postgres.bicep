// Azure Database for PostgreSQL: all rows. There are no passwords; the deployment's administrator makes the service's role (scripts/azure/database).

@description('Name of the server.')
@minLength(3)
@maxLength(63)
param name string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Size of the machine, for instance Standard_B1ms or Standard_D2ds_v5.')
param sku string

@description('Tier of the machine. PgBouncer is there in the two greater ones.')
@allowed(['Burstable', 'GeneralPurpose', 'MemoryOptimized'])
param tier string

@description('Gigabytes of the disk, which grows by itself.')
@minValue(32)
param storageGigabytes int

@description('A second machine that takes over.')
@allowed(['Disabled', 'SameZone', 'ZoneRedundant'])
param highAvailability string

@description('Days that can be restored.')
@minValue(7)
@maxValue(35)
param backupDays int

@description('Whether backups are kept in the paired region as well. Cannot be changed later.')
param geoRedundantBackup bool

@description('Whether the server answers outside of the virtual network.')
param isPublic bool

@description('Name of the database.')
param databaseName string

@description('Object id of who administers the server: the principal that deploys, or a group of such.')
param administratorId string

@description('Its name: of a user the user principal name, of others the display name.')
param administratorName string

@description('What it is.')
@allowed(['User', 'Group', 'ServicePrincipal'])
param administratorType string

var hasPgBouncer = tier != 'Burstable'

resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2025-08-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: sku
    tier: tier
  }
  properties: {
    version: '17'
    authConfig: {
      activeDirectoryAuth: 'Enabled'
      passwordAuth: 'Disabled'
      tenantId: tenant().tenantId
    }
    storage: {
      storageSizeGB: storageGigabytes
      autoGrow: 'Enabled'
    }
    backup: {
      backupRetentionDays: backupDays
      geoRedundantBackup: geoRedundantBackup ? 'Enabled' : 'Disabled'
    }
    highAvailability: { mode: highAvailability }
    network: { publicNetworkAccess: isPublic ? 'Enabled' : 'Disabled' }
  }
}

// The server takes one change at a time, so each of the following waits for the one before.
resource database 'Microsoft.DBforPostgreSQL/flexibleServers/databases@2025-08-01' = {
  parent: server
  name: databaseName
  properties: {
    charset: 'UTF8'
    collation: 'en_US.utf8'
  }
}

resource administrator 'Microsoft.DBforPostgreSQL/flexibleServers/administrators@2025-08-01' = {
  parent: server
  name: administratorId
  properties: {
    principalName: administratorName
    principalType: administratorType
    tenantId: tenant().tenantId
  }
  dependsOn: [database]
}

resource pgBouncer 'Microsoft.DBforPostgreSQL/flexibleServers/configurations@2025-08-01' = if (hasPgBouncer) {
  parent: server
  name: 'pgbouncer.enabled'
  properties: {
    value: 'true'
    source: 'user-override'
  }
  dependsOn: [administrator]
}

// This range means any machine within Azure, of whatever tenant: who gets in is decided by the identity. Without a virtual network the app
// has no address of its own to name here.
resource azureServices 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2025-08-01' = if (isPublic) {
  parent: server
  name: 'AllowAzureServices'
  properties: {
    startIpAddress: '0.0.0.0'
    endIpAddress: '0.0.0.0'
  }
  dependsOn: [administrator, pgBouncer]
}

output id string = server.id
output name string = server.name
output host string = server.properties.fullyQualifiedDomainName
output databaseName string = database.name
// The service takes 6432 for PgBouncer (docs/decisions/0017).
output port int = hasPgBouncer ? 6432 : 5432
