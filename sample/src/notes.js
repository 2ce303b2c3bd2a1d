import { nanoid } from 'nanoid';

const notes = [];

export function listNotes() {
  return notes;
}

export function addNote(text) {
  const note = { id: nanoid(8), text: text.trim(), written: new Date().toISOString() };
  notes.push(note);
  return note;
}
