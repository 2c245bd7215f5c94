// "Are you sure?": the confirm object of a Block Kit element.

import { plainText, textBlock } from "../text/text-object.js";
import { el, freshId } from "./dom.js";

/**
 * @param {any} confirm { title, text, confirm, deny, style? }
 * @returns {Promise<boolean>}
 */
export function confirmed(confirm) {
  const title = freshId("confirm");
  const yes = el(
    "button",
    { class: `button ${confirm.style === "danger" ? "danger" : "primary"}`, value: "yes" },
    plainText(confirm.confirm) || "Yes",
  );
  const no = el("button", { class: "button", value: "no" }, plainText(confirm.deny) || "Cancel");
  const dialog = el(
    "dialog",
    { class: "modal small", "aria-labelledby": title },
    el("form", { method: "dialog" }, [
      el("header", { class: "modal-head" }, el("h2", { id: title }, plainText(confirm.title) || "Are you sure?")),
      el("div", { class: "modal-body" }, confirm.text && textBlock(confirm.text)),
      el("footer", { class: "modal-foot" }, no, yes),
    ]),
  );
  document.body.append(dialog);
  dialog.showModal();
  no.focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}
