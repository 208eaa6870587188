// The demo page's copy button.
const button = document.querySelector('[data-copy]');
button.addEventListener('click', async () => {
  await navigator.clipboard.writeText(document.querySelector('pre').textContent);
  document.querySelector('[role=status]').textContent = button.dataset.copied;
});
