# What the scripts in this folder share. For bash, by `source`.

fail() {
    printf 'error: %s\n       %s\n' "$1" "$2" >&2
    exit 1
}

need_program() {
    command -v "$1" >/dev/null 2>&1 || fail "$1 was not found" "$2"
}

# help_if_asked "$@": the words at the head of the script.
help_if_asked() {
    case ${1:-} in
    -h | --help)
        sed -n '2,/^[^#]/{s/^# \{0,1\}//p}' "$0"
        exit 0
        ;;
    esac
}

# is_given VALUE: whether there is one. Azure Pipelines leaves `$(name)` where no variable has that name.
is_given() {
    case $1 in
    '' | '$('*) return 1 ;;
    esac
}

# need_values NAME…: variables that must be set.
need_values() {
    local name
    for name in "$@"; do
        is_given "${!name:-}" || fail "$name is not set" "it is an output of infra/main.bicep, or said in docs/deploy.md"
    done
}

# Who deploys, as PostgreSQL is to know them: sets RET_PRINCIPAL_ID, RET_PRINCIPAL_NAME and RET_PRINCIPAL_TYPE, unless they are set.
find_principal() {
    need_program az "install the Azure CLI, https://aka.ms/azure-cli, and sign in: az login"
    [ -z "${RET_PRINCIPAL_ID:-}" ] || [ -z "${RET_PRINCIPAL_NAME:-}" ] || return 0
    local kind client
    kind=$(az account show --query user.type --output tsv)
    if [ "$kind" = user ]; then
        RET_PRINCIPAL_TYPE=User
        RET_PRINCIPAL_ID=$(az ad signed-in-user show --query id --output tsv)
        # Of a guest this is not the address that they sign in with.
        RET_PRINCIPAL_NAME=$(az ad signed-in-user show --query userPrincipalName --output tsv)
    else
        client=$(az account show --query user.name --output tsv)
        RET_PRINCIPAL_TYPE=ServicePrincipal
        RET_PRINCIPAL_ID=$(az ad sp show --id "$client" --query id --output tsv)
        RET_PRINCIPAL_NAME=$(az ad sp show --id "$client" --query displayName --output tsv)
    fi
    export RET_PRINCIPAL_ID RET_PRINCIPAL_NAME RET_PRINCIPAL_TYPE
}

# has_signing_key RESOURCE_GROUP VAULT: asked of the resource manager, which tells that there is one and never what it is.
has_signing_key() {
    local id
    id=$(az keyvault show --resource-group "$1" --name "$2" --query id --output tsv 2>/dev/null) || return 1
    az rest --method get --url "https://management.azure.com$id/secrets/signing-key?api-version=2024-11-01" --output none 2>/dev/null
}

new_signing_key() {
    need_program openssl "it makes the key that signs access tokens"
    openssl rand -base64 48 | tr -d '\n'
}
