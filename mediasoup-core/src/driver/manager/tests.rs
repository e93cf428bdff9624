use std::{
    collections::BTreeSet,
    io::Write,
    net::{IpAddr, Ipv4Addr, TcpStream, UdpSocket},
    time::Duration,
};

use tokio::time::{sleep, timeout};

use super::*;
use crate::{
    ids::{RouterId, WorkerId},
    media::{
        default_media_codecs,
        error::TransportError,
        event::RouterEvent,
        options::{ListenAddress, RouterOptions, WebRtcTransportOptions},
        port::MediaPort,
        transport::Protocol,
    },
};

const PATIENCE: Duration = Duration::from_secs(10);

/// On ports of the system's choice.
fn options() -> WorkerOptions {
    WorkerOptions { ports: 0..=0, ..WorkerOptions::default() }
}

fn running(manager: &LocalWorkerManager) -> Vec<Running> {
    lock(&manager.threads).iter().filter_map(WorkerThread::running).collect()
}

fn next_ids(manager: &LocalWorkerManager, count: usize) -> Vec<WorkerId> {
    (0..count).map(|_| manager.next_worker().unwrap().id()).collect()
}

#[tokio::test]
async fn a_worker_with_much_to_do_is_helped_by_one_with_less() {
    let manager = LocalWorkerManager::new(options());
    manager.initialize(2).await.unwrap();
    let (busy, other) = (manager.next_worker().unwrap(), manager.next_worker().unwrap());
    let router = async |worker: &Worker| {
        worker.create_router(RouterOptions::new(default_media_codecs())).await.unwrap()
    };
    let fill = async |worker: &Worker, count: usize| {
        let router = router(worker).await;
        for _ in 0..count {
            router.create_webrtc_transport(WebRtcTransportOptions::default()).await.unwrap();
        }
    };
    fill(&busy, BUDGET).await;
    assert!(manager.helper_of(busy.id()).is_none());
    fill(&busy, 2).await;
    assert_eq!(manager.helper_of(busy.id()).map(|worker| worker.id()), Some(other.id()));
    assert!(manager.helper_of(other.id()).is_none());
    fill(&other, BUDGET).await;
    assert!(manager.helper_of(busy.id()).is_none(), "both have as much to do");
    manager.close().await;
}

#[tokio::test]
async fn workers_take_turns() {
    let manager = LocalWorkerManager::new(options());
    assert!(matches!(manager.next_worker(), Err(WorkerError::NoWorker)));
    manager.initialize(2).await.unwrap();
    let ids = next_ids(&manager, 4);
    assert_ne!(ids[0], ids[1]);
    assert_eq!(ids[..2], ids[2..]);

    manager.initialize(1).await.unwrap();
    assert_eq!(next_ids(&manager, 6).into_iter().collect::<BTreeSet<_>>().len(), 3);
    let stats = manager.stats().await;
    assert_eq!(stats.iter().map(|worker| worker.index).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(stats.iter().map(|worker| worker.tid).collect::<BTreeSet<_>>().len(), 3);

    manager.close().await;
    manager.close().await;
    assert!(manager.stats().await.is_empty());
    assert!(matches!(manager.next_worker(), Err(WorkerError::NoWorker)));
    manager.initialize(1).await.unwrap();
    assert_eq!(manager.stats().await.len(), 1);
    manager.close().await;
}

#[tokio::test]
async fn outgoing_limits_reach_the_transport() {
    let manager = LocalWorkerManager::new(options());
    manager.initialize(1).await.unwrap();
    let worker = manager.next_worker().unwrap();
    let router = worker.create_router(RouterOptions::new(default_media_codecs())).await.unwrap();
    let transport = router.create_webrtc_transport(WebRtcTransportOptions::default()).await.unwrap();
    transport.set_max_outgoing_bitrate(Some(500_000)).await.unwrap();
    let refused = transport.set_min_outgoing_bitrate(Some(600_000)).await;
    assert!(matches!(refused, Err(TransportError::Invalid(_))), "{refused:?}");
    let stats = transport.stats().await.unwrap();
    assert_eq!((stats.max_outgoing_bitrate, stats.min_outgoing_bitrate), (Some(500_000), None));
    assert_eq!(stats.available_outgoing_bitrate, 500_000);
    manager.close().await;
}

#[tokio::test]
async fn a_failed_start_leaves_none_running() {
    // An address of this test's own: what runs beside it takes none of its ports.
    let ip = IpAddr::from([127, 0, 0, 13]);
    let free = UdpSocket::bind((ip, 0)).unwrap().local_addr().unwrap().port();
    let listen = vec![ListenAddress::new(ip)];
    let manager =
        LocalWorkerManager::new(WorkerOptions { listen, ports: free..=free, ..WorkerOptions::default() });
    assert!(matches!(manager.initialize(2).await, Err(WorkerError::Listen { .. })));
    assert!(matches!(manager.next_worker(), Err(WorkerError::NoWorker)));
    manager.initialize(1).await.unwrap();
    manager.close().await;
}

#[tokio::test]
async fn a_dead_worker_takes_its_routers_and_is_replaced() {
    let manager = LocalWorkerManager::new(options());
    manager.initialize(2).await.unwrap();
    let [doomed, other] = running(&manager).try_into().unwrap();
    let (lost, kept) = (RouterId::random(), RouterId::random());
    let mut of_lost = doomed.port.create_router(lost).await.unwrap();
    let mut of_kept = other.port.create_router(kept).await.unwrap();

    let died = doomed.port.jobs.call(|_, _| panic!("this worker is to die")).await;
    assert!(matches!(died, Err::<(), _>(WorkerError::Closed)));
    assert_eq!(timeout(PATIENCE, of_lost.recv()).await.unwrap(), Ok(Arc::new(RouterEvent::WorkerClosed)));
    assert!(doomed.port.subscribe(lost).is_none());
    assert!(matches!(doomed.port.create_router(lost).await, Err(WorkerError::Closed)));
    assert!(!next_ids(&manager, 2).contains(&doomed.id));

    assert_eq!(other.port.counts().await.unwrap().routers, 1);
    assert!(of_kept.try_recv().is_err());
    // Nothing tells of a replacement; it comes after a tenth of a second.
    let replaced = async {
        while running(&manager).len() < 2 {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, replaced).await.unwrap();
    let [new, same] = running(&manager).try_into().unwrap();
    assert!(new.id != doomed.id && same.id == other.id);
    new.port.create_router(lost).await.unwrap();

    manager.close().await;
    assert_eq!(of_kept.recv().await, Ok(Arc::new(RouterEvent::WorkerClosed)));
}

#[tokio::test]
async fn garbage_from_the_network_changes_nothing() {
    let manager = LocalWorkerManager::new(options());
    manager.initialize(1).await.unwrap();
    let worker = running(&manager).remove(0);
    let candidates = worker.port.candidates();
    assert_eq!(
        candidates.iter().map(|candidate| candidate.protocol).collect::<Vec<_>>(),
        [Protocol::Udp, Protocol::Tcp]
    );
    let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let mut tcp = TcpStream::connect((Ipv4Addr::LOCALHOST, candidates[1].port)).unwrap();
    for first in 0..=255_u8 {
        // Each kind of RFC 7983, alone and with something behind it.
        let garbage = [first; 97];
        for len in [1, 13, 97] {
            udp.send_to(&garbage[..len], (Ipv4Addr::LOCALHOST, candidates[0].port)).unwrap();
            tcp.write_all(&[0, u8::try_from(len).unwrap()]).unwrap();
            tcp.write_all(&garbage[..len]).unwrap();
        }
    }
    assert_eq!(worker.port.counts().await.unwrap(), EngineCounts::default());
    assert_eq!(running(&manager)[0].id, worker.id);
    manager.close().await;
}

#[tokio::test]
async fn a_router_ends_when_it_is_closed() {
    let manager = LocalWorkerManager::new(options());
    manager.initialize(1).await.unwrap();
    let worker = running(&manager).remove(0);
    let id = RouterId::random();
    let mut events = worker.port.create_router(id).await.unwrap();
    assert!(worker.port.subscribe(id).is_some());
    worker.port.close_router(id).await.unwrap();
    worker.port.close_router(id).await.unwrap();
    assert!(worker.port.subscribe(id).is_none());
    assert!(events.recv().await.is_err());
    assert_eq!(worker.port.counts().await.unwrap().routers, 0);
    manager.close().await;
}
