//! Which files a recorder may open: the system's libraries and fonts, and its own directory.

use std::{
    env,
    error::Error,
    path::{Path, PathBuf},
};

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, CompatLevel, Compatible as _, RestrictSelfAttr as _, Ruleset,
    RulesetAttr as _, RulesetCreatedAttr as _, RulesetStatus, Scope, make_bitflags, path_beneath_rules,
};

/// As tested; older kernels give what they have.
const VERSION: ABI = ABI::V6;

/// What libraries, decoders and fonts are made of.
const READABLE: &[&str] = &[
    "/usr",
    "/lib",
    "/lib64",
    "/nix/store",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/var/cache/fontconfig",
    "/dev/null",
    "/dev/urandom",
    "/proc/self",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/sys/devices/system",
];
/// Lists of folders, with colons, that hold further ones.
const READABLE_VARIABLES: &[&str] = &[
    "GST_PLUGIN_PATH",
    "GST_PLUGIN_PATH_1_0",
    "GST_PLUGIN_SYSTEM_PATH",
    "GST_PLUGIN_SYSTEM_PATH_1_0",
    "LD_LIBRARY_PATH",
];

/// Allows nothing else any more: to this thread and those it starts, or, where `has_threads`, to all.
///
/// # Errors
/// Why that is not to be had here, wholly or in part.
pub(super) fn restrict(directory: &Path, has_threads: bool) -> Result<(), Box<dyn Error>> {
    let written = make_bitflags!(AccessFs::{
        ReadFile | ReadDir | WriteFile | Truncate | MakeReg | MakeDir | RemoveFile | RemoveDir
    });
    let ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(VERSION))?
        .handle_access(AccessNet::from_all(VERSION))?
        .scope(Scope::from_all(VERSION))?
        .create()?
        .add_rules(path_beneath_rules(readable(), AccessFs::from_read(VERSION)))?
        .add_rules(path_beneath_rules(["/dev/null"], make_bitflags!(AccessFs::{ReadFile | WriteFile})))?
        .add_rules(path_beneath_rules([directory], written))?;
    let status = if has_threads { ruleset.all_threads(true)? } else { ruleset }.restrict_self()?;
    match status.ruleset {
        RulesetStatus::NotEnforced => {
            Err(format!("no Landlock in this kernel ({:?})", status.landlock).into())
        }
        _ if has_threads && !status.all_threads => Err("a library has started threads of its own".into()),
        _ => Ok(()),
    }
}

fn readable() -> impl Iterator<Item = PathBuf> {
    let variables = READABLE_VARIABLES.iter().filter_map(env::var_os);
    let listed: Vec<PathBuf> =
        variables.flat_map(|list| env::split_paths(&list).collect::<Vec<_>>()).collect();
    let caches = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let caches = caches.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")));
    let fonts = caches.map(|caches| caches.join("fontconfig"));
    READABLE.iter().map(PathBuf::from).chain(listed).chain(fonts)
}
