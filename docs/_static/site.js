// Each block of commands gets a button that copies the commands: no prompts, and nothing of what they print.
function commands(text) {
  const found = [];
  let goesOn = false;
  for (const line of text.split("\n")) {
    const starts = line.startsWith("$ ");
    if (starts || (found.length && (goesOn || line.startsWith("> ")))) found.push(line.replace(/^[$>] /, ""));
    goesOn = (starts || goesOn) && line.endsWith("\\");
  }
  return found;
}

function addButton(block) {
  const text = block.innerText;
  const found = commands(text);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.setAttribute("aria-label", found.length > 1 ? "Copy the commands" : "Copy");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(found.length ? found.join("\n") : text.trim());
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
  block.append(button);
}

document.addEventListener("DOMContentLoaded", () => {
  if (navigator.clipboard) {
    const blocks = ".highlight-console, .highlight-sh, .highlight-yaml, .highlight-json";
    document.querySelectorAll(blocks).forEach((block) => addButton(block.querySelector(".highlight")));
  }
  // What scrolls sideways can be reached with the keyboard; the theme's captions say how deep they are.
  for (const box of document.querySelectorAll(".highlight pre, .table-wrapper")) box.tabIndex = 0;
  for (const caption of document.querySelectorAll('.caption[role="heading"]')) caption.setAttribute("aria-level", "2");
});
