// The one secret that no identity can replace: the key that signs access tokens, the same on every instance.

@description('Name of the vault.')
@minLength(3)
@maxLength(24)
param name string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Whether the vault answers outside of the virtual network.')
param isPublic bool

@description('Whether a deleted vault and its secret can be brought back for 90 days by all means; their name is taken so long.')
param purgeProtection bool

@description('The signing key, at least 32 characters. Empty leaves the one that is there.')
@secure()
param signingKey string

var secretName = 'signing-key'

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    sku: {
      family: 'A'
      name: 'standard'
    }
    tenantId: tenant().tenantId
    enableRbacAuthorization: true
    enableSoftDelete: true
    // Once on it stays on, and false is refused.
    enablePurgeProtection: purgeProtection ? true : null
    publicNetworkAccess: isPublic ? 'Enabled' : 'Disabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: isPublic ? 'Allow' : 'Deny'
    }
  }
}

// Written through the resource manager: whoever deploys needs neither a role on the vault nor a way into its network, and cannot read it.
// The next type is not known to every checker that works offline.
#disable-next-line BCP081
resource secret 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = if (!empty(signingKey)) {
  parent: vault
  name: secretName
  properties: {
    contentType: 'text/plain'
    value: signingKey
  }
}

output id string = vault.id
output name string = vault.name
// Without a version, so that the app follows a new one.
output signingKeyUri string = '${vault.properties.vaultUri}secrets/${secretName}'
