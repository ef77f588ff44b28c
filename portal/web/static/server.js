/**
 * The portal as its pages call it: JSON in, JSON out, refusals as ServerProblem.
 *
 * @module server
 */

/** What the portal refused (RFC 9457), or that it could not be reached (code `unreachable`). */
export class ServerProblem extends Error {
  /** @param {{code: string, title: string, detail: string, help: string, inquiry?: string, contact?: {department: string, telephone: string}, next?: {href: string, label: string}}} problem */
  constructor(problem) {
    super(problem.detail);
    this.name = "ServerProblem";
    this.code = problem.code;
    this.title = problem.title;
    this.detail = problem.detail;
    this.help = problem.help;
    this.inquiry = problem.inquiry ?? null;
    this.contact = problem.contact ?? null;
    this.next = problem.next ?? null;
  }
}

const UNREACHABLE = {
  code: "unreachable",
  title: "電子入札システムに接続できません",
  detail: "通信が途切れたか、電子入札システムが一時的に止まっています。入力した内容は残っています。",
  help: "少し待ってから、もう一度ボタンを押してください。",
};

/**
 * @param {string} path
 * @param {object} body
 * @returns {Promise<any>}
 */
export async function post(path, body) {
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrfToken() };
  return answer(() => fetch(path, { method: "POST", headers: { ...headers, ...JAPANESE }, body: JSON.stringify(body) }));
}

const RESEND_MS = [1_000, 3_000];

/**
 * Posts what gets the same answer when it is sent again, and sends it again where the answer was lost.
 * @param {string} path
 * @param {object} body
 * @returns {Promise<any>}
 */
export async function deliver(path, body) {
  for (const wait of RESEND_MS) {
    try {
      return await post(path, body);
    } catch (error) {
      if (!(error instanceof ServerProblem) || error.code !== "unreachable") throw error;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
  return post(path, body);
}

/** @param {string} path @param {AbortSignal} [signal] */
export async function get(path, signal) {
  return answer(() => fetch(path, { headers: JAPANESE, cache: "no-store", ...(signal && { signal }) }));
}

// The pages are Japanese, whatever the browser prefers.
const JAPANESE = { "Accept-Language": "ja" };

/** @param {() => Promise<Response>} send */
async function answer(send) {
  let response, body;
  try {
    response = await send();
    body = await response.json();
  } catch {
    throw new ServerProblem(UNREACHABLE); // no answer, or a gateway's page in place of one
  }
  if (!response.ok) throw new ServerProblem(body.code ? body : UNREACHABLE);
  return body;
}

function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";
}
