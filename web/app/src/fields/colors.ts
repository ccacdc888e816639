// Colour only carries meaning: the same word has the same colour everywhere.
const COLORS: Readonly<Record<string, string>> = {
  new: 'blue', contacted: 'cyan', qualified: 'teal', unqualified: 'gray', converted: 'green',
  active: 'green', prospect: 'blue', customer: 'teal', inactive: 'gray',
  open: 'blue', in_progress: 'yellow', completed: 'green', cancelled: 'gray',
  won: 'green', lost: 'red',
  low: 'gray', normal: 'blue', high: 'orange', urgent: 'red',
  answered: 'green', missed: 'red', voicemail: 'yellow', busy: 'orange',
};

export function colorOfOption(option: string): string {
  return COLORS[option] ?? 'gray';
}
