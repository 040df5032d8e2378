// Gives the frame of an embedded form the height that the form inside says it needs.
addEventListener("message", (event) => {
  const height = Number(event.data?.yingqiForm?.height);
  if (!(height > 0 && height < 50000)) return;
  for (const frame of document.querySelectorAll("iframe[data-yingqi-form]")) {
    if (frame.contentWindow === event.source) frame.style.height = `${Math.ceil(height)}px`;
  }
});
