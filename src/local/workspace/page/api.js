// The workspace server's client API. Every call is made by the person the page acts as.

let acting = new URLSearchParams(location.search).get("as");

/** The person of this page; null until boot named the default one. */
export function actingAs() {
  return acting;
}

/** @param {string} id */
export function actAs(id) {
  acting = id;
}

/** Reads `/client/<name>`; throws an Error with a sentence when the workspace cannot answer. */
export async function read(name, query = {}) {
  const search = new URLSearchParams({ ...(acting ? { as: acting } : {}), ...query });
  return answer(await reach(`/client/${name}?${search}`, {}));
}

/** Posts to `/client/<name>`; resolves to the answer also when it is `ok: false`. */
export async function post(name, body = {}) {
  const response = await reach(`/client/${name}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ as: acting, ...body }),
  });
  return answer(response);
}

async function reach(url, options) {
  try {
    return await fetch(url, options);
  } catch (cause) {
    throw new Error("The workspace cannot be reached. It may be restarting; try again in a moment.", { cause });
  }
}

async function answer(response) {
  const body = await response.json().catch(() => null);
  if (response.ok && body) return body;
  throw new Error(body?.error ?? `The workspace answered with status ${response.status}.`);
}
