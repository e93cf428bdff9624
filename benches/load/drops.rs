//! What the kernel knows of this process's sockets.

use std::{collections::HashSet, fs, os::unix::fs::MetadataExt as _};

use crate::Result;

/// Packets that UDP sockets of this process had no room for, since they were made.
pub(crate) fn socket_drops() -> Result<u64> {
    let own = own_inodes()?;
    let mut drops = 0;
    for table in ["/proc/net/udp", "/proc/net/udp6"] {
        // Without IPv6 there is no table of it.
        let table = fs::read_to_string(table).unwrap_or_default();
        drops += table
            .lines()
            .skip(1)
            .filter_map(row)
            .filter(|(inode, _)| own.contains(inode))
            .map(|row| row.1)
            .sum::<u64>();
    }
    Ok(drops)
}

fn own_inodes() -> Result<HashSet<u64>> {
    let mut inodes = HashSet::new();
    for entry in fs::read_dir("/proc/self/fd")? {
        // The directory's own descriptor is closed before it can be looked at.
        if let Ok(metadata) = fs::metadata(entry?.path()) {
            inodes.insert(metadata.ino());
        }
    }
    Ok(inodes)
}

/// Inode and drops of a socket.
fn row(line: &str) -> Option<(u64, u64)> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    Some((fields.get(9)?.parse().ok()?, fields.last()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use nix::sys::socket::{setsockopt, sockopt};

    use super::*;

    #[test]
    fn what_a_full_socket_drops_is_counted() {
        let (from, to) = (UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
        setsockopt(&to, sockopt::RcvBuf, &4096).unwrap();
        let before = socket_drops().unwrap();
        for _ in 0..100 {
            from.send_to(&[0; 1000], to.local_addr().unwrap()).unwrap();
        }
        assert!(socket_drops().unwrap() >= before + 50);
    }
}
