//! Rooms on a worker of this process: what a request costs, without HTTP or Socket.IO.
#![allow(missing_docs, reason = "made by criterion's macros")]

use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use mediasoup_benches::{criterion, video_track};
use mediasoup_core::{
    driver::LocalWorkerManager,
    ids::RoomId,
    media::{
        WorkerManager, default_media_codecs,
        options::{ConsumerOptions, RouterOptions, WebRtcTransportOptions, WorkerOptions},
    },
    room::{CloseReason, Joined, Room, RoomManager, RoomOptions, Rooms, TransportDirection},
};
use tokio::runtime::Runtime;

async fn start() -> (Arc<LocalWorkerManager>, Rooms) {
    let mut options = WorkerOptions::default();
    options.ports = 0..=0;
    let workers = Arc::new(LocalWorkerManager::new(options));
    workers.initialize(1).await.expect("the system has a port");
    let router = RouterOptions::new(default_media_codecs());
    let rooms = Rooms::new(workers.clone(), router, WebRtcTransportOptions::default());
    (workers, rooms)
}

async fn create(rooms: &Rooms, id: &RoomId) -> Room {
    let options = RoomOptions { max_participants: 2, enable_recording: false, timeout: 0 };
    rooms.create_room(id.clone(), options, None).await.expect("the name is free");
    rooms.room(id).expect("it was just made")
}

async fn join(room: &Room) -> Joined {
    room.join("ada".parse().expect("it is a name"), None).await.expect("there is a place")
}

fn room(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("the system has threads");
    let (workers, rooms) = runtime.block_on(start());
    let mut group = criterion.benchmark_group("room");

    let short_lived: RoomId = "short-lived".parse().expect("it is a name");
    group.bench_function("create_and_close", |bencher| {
        bencher.iter(|| {
            runtime.block_on(async {
                create(&rooms, &short_lived).await;
                rooms.close_room(&short_lived, CloseReason::Closed).await
            })
        });
    });

    let room = runtime.block_on(create(&rooms, &"room".parse().expect("it is a name")));
    group.bench_function("join_and_leave", |bencher| {
        bencher.iter(|| runtime.block_on(async { join(&room).await.participant.leave().await }));
    });

    let Joined { room: info, participant: me, mut events, .. } = runtime.block_on(join(&room));
    let me = &me;
    let open = |direction| async move { me.create_transport(direction).await.expect("there is a place").id };
    group.bench_function("open_and_close_transport", |bencher| {
        bencher.iter(|| {
            runtime.block_on(async { me.close_transport(open(TransportDirection::Send).await).await })
        });
    });

    let (send, recv) = runtime
        .block_on(async { (open(TransportDirection::Send).await, open(TransportDirection::Recv).await) });
    group.bench_function("produce_consume_and_close", |bencher| {
        bencher.iter(|| {
            runtime.block_on(async {
                let producer = me.produce(send, video_track()).await.expect("the track is new");
                let options = ConsumerOptions::new(producer.id, info.rtp_capabilities.clone());
                me.consume(recv, options).await.expect("the viewer has the codec");
                me.close_producer(producer.id).await.expect("it is there");
                // A session that does not read is removed.
                while events.try_recv().is_ok() {}
            });
        });
    });
    group.finish();
    runtime.block_on(async {
        rooms.close(CloseReason::Shutdown).await;
        workers.close().await;
    });
}

criterion_group! {
    name = benches;
    config = criterion();
    targets = room
}
criterion_main!(benches);
