// The package names its type file so that no compiler finds it.
declare module "unicode-confusables" {
  export function rectifyConfusion(text: string): string;
}
