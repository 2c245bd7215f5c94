/** The place of a credential; never the credential. */
export type SecretReference = { readonly env: string } | { readonly file: string };
