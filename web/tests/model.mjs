import { createServer } from "node:http";

/** So long each word of an answer takes, in milliseconds. */
const WORD = 25;

/**
 * A model that speaks the wire format of OpenAI and follows rules: `[{ asked: /pattern/, calls: [{ name, arguments }, …], text }]`. The calls
 * of the first rule that fits the question are made one after the other, then its text is said word by word.
 */
export async function startModel(rules) {
  const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const { messages } = JSON.parse(Buffer.concat(parts).toString());
    const at = messages.findLastIndex(({ role }) => role === "user");
    const question = textOf(messages[at]?.content);
    const rule = rules.find(({ asked }) => asked.test(question)) ?? { calls: [], text: "I do not know." };
    const made = messages.slice(at).filter(({ role }) => role === "tool").length;
    response.writeHead(200, { "content-type": "text/event-stream" });
    const say = (delta, finish = null) =>
      response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`);
    const call = rule.calls?.[made];
    if (call) {
      const given = { name: call.name, arguments: JSON.stringify(call.arguments) };
      say({ tool_calls: [{ index: 0, id: `call_${made}`, type: "function", function: given }] });
      say({}, "tool_calls");
    } else {
      for (const word of rule.text.split(/(?<=\s)/)) {
        if (response.destroyed) return;
        say({ content: word });
        await new Promise((resolve) => setTimeout(resolve, rule.pace ?? WORD));
      }
      say({}, "stop");
    }
    response.end("data: [DONE]\n\n");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  return {
    settings: { OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`, OPENAI_CHAT_MODEL: "scripted" },
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

function textOf(content) {
  return typeof content === "string" ? content : (content ?? []).map(({ text }) => text ?? "").join("");
}

const long = Array.from({ length: 120 }, (_, at) => `word${String.fromCharCode(97 + (at % 26))}`).join(" ");

/** What the browser tests ask. */
export const RULES = [
  {
    asked: /how many orders/i,
    calls: [{ name: "run_sql", arguments: { sql: 'SELECT count(*) AS n FROM "order"' } }],
    text: "There are **200** [[q1:1:n]] orders in the table `order`.",
  },
  {
    asked: /by city/i,
    calls: [
      {
        name: "run_sql",
        arguments: { sql: 'SELECT city, count(*) AS n FROM "order" GROUP BY city ORDER BY n DESC, city' },
      },
      { name: "make_chart", arguments: { query: "q1", mark: "bar", x: "city", y: "n", title: "Orders by city" } },
    ],
    text: "Each city has as many orders as the others:\n\n| City | Orders |\n|---|---|\n| Graz | 40 [[q1:1:n]] |\n| London | 40 [[q1:2:n]] |\n\nIt was 999 of them once.",
  },
  { asked: /long story/i, calls: [], text: `It begins. ${long} It ends here.`, pace: 60 },
  {
    asked: /who ordered first/i,
    calls: [{ name: "search_rows", arguments: { words: "Shelley Graz", table: "order" } }],
    text: "The first was Mary Shelley [[order#1]].",
  },
  { asked: /otherwise/i, calls: [], text: "This is said otherwise." },
];
