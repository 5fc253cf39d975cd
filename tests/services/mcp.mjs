// A client of the Model Context Protocol by its official SDK: asks a server for all that it has, and prints what it answered as JSON.
//
//   node mcp.mjs 1|2 URL TOKEN
//
// Version 1 of the SDK opens with the handshake of the revisions before 2026-07-28, version 2 speaks that one.
const [version, url, token] = process.argv.slice(2);
const requestInit = { headers: { Authorization: `Bearer ${token}` } };
const of = { 1: sdk1, 2: sdk2 };

async function sdk1() {
    const { Client } = await import("@modelcontextprotocol/sdk/client/index.js");
    const { StreamableHTTPClientTransport } = await import("@modelcontextprotocol/sdk/client/streamableHttp.js");
    const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit });
    return [new Client({ name: "test", version: "1" }), transport, () => transport.protocolVersion];
}

async function sdk2() {
    const { Client, StreamableHTTPClientTransport } = await import("@modelcontextprotocol/client");
    const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit });
    const versionNegotiation = { mode: { pin: "2026-07-28" } };
    const client = new Client({ name: "test", version: "2" }, { versionNegotiation });
    return [client, transport, () => client.getNegotiatedProtocolVersion()];
}

const [client, transport, negotiated] = await of[version]();
await client.connect(transport);
const call = (name, args) => client.callTool({ name, arguments: args });
const { tools } = await client.listTools();
const { resources } = await client.listResources();
const { resourceTemplates } = await client.listResourceTemplates();
const answers = {
    protocol: negotiated(),
    server: client.getServerVersion(),
    instructions: client.getInstructions(),
    tools,
    resources,
    resourceTemplates,
    tables: await call("list_tables", {}),
    described: await call("describe_table", { table: "line" }),
    found: await call("search_rows", { words: "grace" }),
    counted: await call("run_sql", { sql: "SELECT count(*) AS n, sum(qty) AS pieces FROM line" }),
    chart: await call("make_chart", { sql: "SELECT sku, qty FROM line", mark: "bar", x: "sku", y: "qty" }),
    refused: await call("run_sql", { sql: "DROP TABLE line" }),
    read: await client.readResource({ uri: resources.find((resource) => resource.name === "line").uri }),
    unknown: await call("no_such_tool", {}).then(() => null, (error) => ({ code: error.code, message: error.message })),
};
console.log(JSON.stringify(answers));
await client.close();
