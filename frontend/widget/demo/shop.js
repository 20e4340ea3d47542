// The shop's own script: its bag, and one button that opens the chat through the widget's API.
const bag = document.getElementById('bag');

document.getElementById('buy').addEventListener('submit', (event) => {
  event.preventDefault();
  bag.value = String(Number(bag.value) + 1);
});

// Works before the loader has arrived: the call waits in the array until it does.
window.Parley = window.Parley || [];
document.getElementById('ask').addEventListener('click', () => window.Parley.push(['open']));
