import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { wasAborted } from "./problem.ts";
import { send } from "./send.ts";
import { clearToken, onRenew, setToken } from "./tokens.ts";

const { fetch } = globalThis;
afterEach(() => {
  globalThis.fetch = fetch;
  onRenew(async () => false);
  clearToken();
});

/** A service that answers when the test says so, but not to who has given up. */
function slowService() {
  const asked: { request: Request; answer: (response: Response) => void }[] = [];
  globalThis.fetch = (input) =>
    new Promise((answer, reject) => {
      const request = input as Request;
      if (request.signal.aborted) return reject(request.signal.reason);
      request.signal.addEventListener("abort", () => reject(request.signal.reason));
      asked.push({ request, answer });
    });
  return asked;
}

const call = () => send(new Request("http://service.test/api/documents"));
const turn = () => new Promise((resolve) => setImmediate(resolve));

test("what was asked for in a session is given up when the session is over", async () => {
  const asked = slowService();
  setToken("of-ada", 900);
  const late = call();
  await turn();
  assert.equal(asked[0]?.request.headers.get("authorization"), "Bearer of-ada");
  clearToken();
  setToken("of-bob", 900);
  await assert.rejects(late, wasAborted);
  const next = call();
  await turn();
  asked[1]?.answer(new Response("[]"));
  assert.equal(await (await next).text(), "[]");
});

test("a refused call of one person is not made again with the token of the next", async () => {
  const asked = slowService();
  setToken("of-ada", 900);
  onRenew(async () => {
    clearToken();
    setToken("of-bob", 900);
    return true;
  });
  const late = call();
  await turn();
  asked[0]?.answer(new Response('{"code":"not_signed_in"}', { status: 401 }));
  await assert.rejects(late, wasAborted);
});

test("a call that waits for the rate limit is given up as well", async () => {
  const asked = slowService();
  setToken("of-ada", 900);
  const late = call();
  await turn();
  asked[0]?.answer(new Response("", { status: 429, headers: { "retry-after": "20" } }));
  await turn();
  clearToken();
  await assert.rejects(late, wasAborted);
});
