// A classic script in the head: the chosen theme is set before the first paint, so nothing flashes.
{
  const chosen = localStorage.getItem("daytwo.theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
}
