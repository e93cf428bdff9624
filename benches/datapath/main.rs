//! The whole way of a packet, sockets included: what a worker's thread takes for it, over what sealing and sending the same
//! packets takes alone. Turn by turn, so that a busy machine slows all; the median of the turns counts.
//!
//! `cargo bench --bench datapath -- [seconds a turn]`

mod call;
mod floor;
mod load;

use std::{
    net::{SocketAddr, UdpSocket},
    thread,
    time::{Duration, Instant},
};

use call::{Call, Shape};
use floor::{Floor, Way};
use load::Load;
use mediasoup_benches::{cpu::Thread, traffic::Traffic};
use tokio::runtime;

const TURNS: usize = 5;
/// The one that is measured, and the one where all else runs.
const MEASURED: usize = 0;
const OTHER: usize = 1;
/// What is sent before it counts.
const WARM_UP: Duration = Duration::from_millis(300);

/// Microseconds of the processor that the worker takes for a packet that goes out.
fn measure_worker(shape: Shape, worker: Thread, load: &Load, duration: Duration) -> f64 {
    thread::sleep(WARM_UP);
    let (before, (sent, received)) = (worker.cpu_time(), load.packets());
    thread::sleep(duration);
    let taken = worker.cpu_time() - before;
    let (sent, received) = (load.packets().0 - sent, load.packets().1 - received);
    let expected = sent * shape.receivers() as u64;
    assert!(received * 100 >= expected * 97, "{received} of {expected} packets came");
    taken.as_secs_f64() * 1e6 / received as f64
}

/// The same of the floor: as many packets to as many viewers.
fn measure_floor(way: Way, shape: Shape, duration: Duration) -> f64 {
    let count = shape.rooms * (shape.senders + shape.viewers);
    let sockets: Vec<UdpSocket> =
        (0..count).map(|_| UdpSocket::bind(("127.0.0.1", 0)).expect("the system has ports")).collect();
    let address = |socket: &UdpSocket| socket.local_addr().expect("it is bound");
    let addresses: Vec<SocketAddr> = sockets.iter().map(address).collect();
    for socket in &sockets {
        socket.set_nonblocking(true).expect("it is a socket");
    }
    let load = Load::start(shape.traffic, Vec::new(), sockets, OTHER);
    let body = move || {
        Thread::current().pin(MEASURED);
        let mut floor = Floor::new(way, shape.traffic, addresses);
        let mut packets = 0;
        let (begun, mut before) = (Instant::now(), None);
        while begun.elapsed() < WARM_UP + duration {
            if begun.elapsed() > WARM_UP {
                before.get_or_insert_with(|| Thread::current().cpu_time());
                packets += floor.packets();
            }
            floor.send();
            thread::sleep(shape.traffic.interval());
        }
        let taken = Thread::current().cpu_time() - before.unwrap_or_default();
        taken.as_secs_f64() * 1e6 / packets as f64
    };
    let taken = thread::Builder::new().spawn(body).expect("the system has threads").join();
    load.stop();
    taken.expect("it does not panic")
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn compare(name: &str, shape: Shape, floor: (&str, Way), duration: Duration, turns: usize) {
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("the system has threads");
    let (call, mut senders, mut sinks) = runtime.block_on(Call::start(shape));
    let worker = Thread::named("worker-0");
    worker.pin(MEASURED);
    let mut columns = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..turns {
        let load = Load::start(shape.traffic, senders, sinks, OTHER);
        columns[0].push(measure_worker(shape, worker, &load, duration));
        (senders, sinks) = load.stop();
        columns[1].push(measure_floor(floor.1, shape, duration));
        columns[2].push(measure_floor(Way::SendTo, shape, duration));
    }
    runtime.block_on(call.close());
    let [worker, bottom, send_to] = columns.map(median);
    println!(
        "{name}: {worker:.2} µs a packet; seal + {} {bottom:.2} µs: {:.2} times; \
         sendto alone {send_to:.2} µs: {:.2} times",
        floor.0,
        worker / bottom,
        worker / send_to,
    );
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    // `--test` runs everything once, to see that it runs.
    let is_test = arguments.iter().any(|argument| argument == "--test");
    let seconds = arguments.first().and_then(|argument| argument.parse().ok()).unwrap_or(2);
    let (duration, turns) =
        if is_test { (Duration::from_millis(200), 1) } else { (Duration::from_secs(seconds), TURNS) };
    let pictures = Shape { traffic: Traffic::Video, rooms: 1, senders: 1, viewers: 100 };
    let segmented = ("segmented send", Way::Segmented);
    compare("pictures to 100 viewers", pictures, segmented, duration, turns);
    let uneven = Shape { traffic: Traffic::UnevenVideo, ..pictures };
    compare("the same, uneven", uneven, segmented, duration, turns);
    let rooms = if is_test { 2 } else { 100 };
    let sound = Shape { traffic: Traffic::Audio, rooms, senders: 5, viewers: 0 };
    let many = ("sendmmsg", Way::SendMmsg);
    compare(&format!("sound, {rooms} rooms of 5"), sound, many, duration, turns);
}
