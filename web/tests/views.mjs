import { nestedArchive } from "./samples.mjs";
import { drop, settled, signIn, view } from "./stage.mjs";

/** Signs in, and brings a session to tables. */
export async function convertDeposit(page) {
  await signIn(page);
  await drop(page, [{ name: "deposit.zip", bytes: nestedArchive() }]);
  await page.getByText("3 documents found").waitFor();
  await view(page, "Convert");
  await page.getByRole("button", { name: "Convert", exact: true }).click();
  await page.getByRole("heading", { name: /tables with/ }).waitFor();
}

/** Brings a session into the state in which every view has something to show. */
export async function prepare(page) {
  await convertDeposit(page);
  await view(page, "Ask");
  await page.getByRole("heading", { name: "What do you want to know?" }).waitFor();
  for (const question of ["How many orders are there?", "Show the orders by city"]) {
    await page.getByLabel("Your question").fill(question);
    await page.getByRole("button", { name: "Ask", exact: true }).click();
    await page.getByRole("button", { name: "1 SQL statement" }).last().waitFor();
    await page.waitForFunction(() => !document.querySelector(".answer[aria-busy]"));
  }
  return new URL(page.url()).hash;
}

const MARCH = "deposit.zip/inner.zip/march";

/** Every view of somebody who is signed in: its name, its address, and what shows that it is there. */
export function viewsOf(conversation) {
  return [
    ["upload", "#/upload", ".group-head"],
    ["convert", "#/convert", ".sample-rows td"],
    ["table", "#/tables/order", ".td"],
    ["table-filter", "#/tables/order?filter=customer~Austen&sort=-city", ".chip"],
    ["sql", `#/tables?sql=${encodeURIComponent('SELECT city, count(*) AS n FROM "order" GROUP BY city')}`, ".td"],
    ["compare", `#/tables?compare=&left=${MARCH}/a.xml&right=${MARCH}/b.xml`, ".difference"],
    ["chat-new", "#/chat", ".suggestions"],
    ["chat", conversation, ".chart canvas"],
    ["admin", "#/admin", ".tile"],
    ["admin-sessions", "#/admin/sessions", ".log td"],
    ["admin-jobs", "#/admin/jobs", ".log td"],
    ["admin-accounts", "#/admin/accounts", ".accounts li"],
    ["admin-activity", "#/admin/activity", ".log td"],
  ];
}

export async function openView(page, [, address, sign]) {
  await page.evaluate((address) => {
    location.hash = address;
  }, address);
  await page.locator(sign).first().waitFor();
  await settled(page);
}
