// A private endpoint: an address within the network for one part of one resource, and the name that leads to it.

@description('Name of the endpoint.')
param name string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Subnet that the address is of.')
param subnetId string

@description('The resource behind it.')
param resourceId string

@description('The part of the resource, as its service calls it.')
param groupId string

@description('Zone that holds the name.')
param zone string

// The next type is not known to every checker that works offline.
#disable-next-line BCP081
resource dnsZone 'Microsoft.Network/privateDnsZones@2024-06-01' existing = {
  name: zone
}

#disable-next-line BCP081
resource endpoint 'Microsoft.Network/privateEndpoints@2024-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: { id: subnetId }
    privateLinkServiceConnections: [
      {
        name: name
        properties: {
          privateLinkServiceId: resourceId
          groupIds: [groupId]
        }
      }
    ]
  }
}

#disable-next-line BCP081
resource names 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-07-01' = {
  parent: endpoint
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [
      {
        name: 'zone'
        properties: { privateDnsZoneId: dnsZone.id }
      }
    ]
  }
}
