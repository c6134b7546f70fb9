// What the operator hears of a history that the disk has changed or lost.

/** To be called with the number of damaged parts that were found in `directory`: tells of them whenever they are more than before. */
export function damageTeller(directory: string | undefined, tell: (text: string) => void): (damaged: number) => void {
  let told = 0;
  return (damaged) => {
    if (damaged === told) return;
    told = damaged;
    const parts = damaged === 1 ? "A part" : `${damaged} parts`;
    tell(
      `${parts} of the history in ${directory} cannot be read: the disk has changed or lost it. The rest is shown. To have it back, close the room and put a copy of the folder in its place, if you have one.`,
    );
  };
}
