//! The name of the account that runs the program, for decisions where neither the configuration nor the
//! environment says a name, as under cron.
//!
//! Owns: finding it. Must not know: what it is used for.

/// Where systems of the Unix family list accounts.
const ACCOUNTS: &str = "/etc/passwd";

/// The name of the account, where the system lists it.
#[must_use]
pub fn name() -> Option<String> {
    let accounts = std::fs::read_to_string(ACCOUNTS).ok()?;
    name_of(&accounts, rustix::process::getuid().as_raw())
}

/// The name of the account with this number: `name:password:number:…`.
fn name_of(accounts: &str, number: u32) -> Option<String> {
    accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        (fields.nth(1)?.parse::<u32>().ok()? == number).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_is_found_by_its_number() {
        let accounts = "root:x:0:0:root:/root:/bin/sh\nbroken\nrobin:x:1000:100::/home/robin:/bin/sh\n";
        assert_eq!(name_of(accounts, 1000).as_deref(), Some("robin"));
        assert_eq!(name_of(accounts, 0).as_deref(), Some("root"));
        assert_eq!(name_of(accounts, 1), None);
    }
}
