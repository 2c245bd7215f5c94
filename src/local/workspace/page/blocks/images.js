// Pictures: by address, or a file that the app gave to the workspace.

import { el } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { plainText } from "../text/text-object.js";

/** An image element: tiny in a context, at the side of a section. */
export function imageElement(item, size) {
  return picture(item, `image ${size}`);
}

export function pictureBlock(block) {
  const title = block.title && el("figcaption", {}, plainText(block.title));
  return el("figure", { class: "block-image" }, title, picture(block, "image"));
}

function picture({ image_url, slack_file, alt_text }, className) {
  const image = el("img", {
    class: className,
    src: image_url ?? fileUrl(slack_file),
    alt: alt_text ?? "",
    loading: "lazy",
  });
  // This page loads nothing from other hosts, so a picture from outside is shown by its description.
  image.addEventListener("error", () =>
    image.replaceWith(el("span", { class: "image-missing" }, icon("picture"), alt_text || "Picture")),
  );
  return image;
}

function fileUrl({ id, url }) {
  return url ?? `/files/${encodeURIComponent(id)}`;
}
