//! Who this process is to Azure.

use std::sync::Arc;

use azure_core::credentials::TokenCredential;
use azure_identity::{
    DeveloperToolsCredential, ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId,
};

use super::AccessError;

/// The identity that the platform gives to this process, or on a developer's machine that of the person who signed in with
/// the tools. Nothing is asked for before the first token is needed.
pub fn identity(client_id: Option<&str>, is_managed: bool) -> Result<Arc<dyn TokenCredential>, AccessError> {
    if !is_managed {
        return Ok(DeveloperToolsCredential::new(None).map_err(AccessError::Identity)?);
    }
    let user_assigned_id = client_id.map(|id| UserAssignedId::ClientId(id.to_owned()));
    let options = ManagedIdentityCredentialOptions { user_assigned_id, ..Default::default() };
    Ok(ManagedIdentityCredential::new(Some(options)).map_err(AccessError::Identity)?)
}
