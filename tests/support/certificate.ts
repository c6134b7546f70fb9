// Certificates for tests, and whoever believes in them. Made anew in each run: no key lies about in the sources.
import type { Certificate } from "../../lib/transport/certificate.ts";
import { type Trust, Untrusted } from "../../lib/transport/connection.ts";
import { makeCertificate } from "../../lib/transport/make-certificate.ts";

let made: Promise<Certificate> | undefined;

/** The same one for all who need any. */
export function testCertificate(): Promise<Certificate> {
  return (made ??= makeCertificate([]));
}

/** Takes this pin, and nothing else. */
export function trusting(pin: string): Trust {
  return {
    encrypted(shown) {
      if (shown !== pin) throw new Untrusted(`It shows ${shown} and not ${pin}.`);
    },
    plain() {
      throw new Untrusted("It does not encrypt.");
    },
  };
}
