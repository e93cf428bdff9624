//! `docs/events.md` has every request and event, and no other; its requests can be sent as they stand, and what it shows
//! is what comes.

use std::collections::{BTreeMap, BTreeSet};

use mediasoup_tests::{
    client::{ConnectOptions, Events, Socket},
    recordings::FakeRecordings,
};
use serde_json::{Value, json};

use crate::{markdown::Page, server, shape, source};

fn page() -> Page {
    Page::read("docs/events.md")
}

fn is_name(c: char) -> bool {
    c.is_ascii_lowercase() || c == '-'
}

#[test]
fn every_request_and_event_is_documented_and_exists() {
    let page = page();
    let documented: BTreeSet<_> = source::names_after(&page.text, "mediasoup:", is_name).collect();

    let files = source::files("mediasoup-server/src/signaling");
    let mut in_code: BTreeSet<_> =
        files.iter().flat_map(|(_, text)| source::names_after(text, "\"mediasoup:", is_name)).collect();
    let (_, dispatch) = files.iter().find(|(path, _)| path.ends_with("dispatch.rs")).unwrap();
    let arms = dispatch.lines().filter_map(|line| line.split_once(" => "));
    in_code.extend(arms.flat_map(|(names, _)| source::names_after(names, "\"", is_name)));

    assert_eq!(documented, in_code);
}

/// Requests and events as they are shown, by name.
struct Shown {
    requests: BTreeMap<String, Value>,
    events: BTreeMap<String, Value>,
    seen: BTreeSet<String>,
}

impl Shown {
    fn read() -> Self {
        let mut shown = Self { requests: BTreeMap::new(), events: BTreeMap::new(), seen: BTreeSet::new() };
        for block in page().blocks().iter().filter(|block| block.language() == "json") {
            let value = serde_json::from_str(&block.text).unwrap();
            let notes: Vec<_> = block.notes().collect();
            match notes[..] {
                ["request", name] => shown.requests.insert(name.to_owned(), value),
                ["event", name] => shown.events.insert(name.to_owned(), value),
                _ => panic!("line {}: neither request nor event", block.line),
            };
        }
        shown
    }

    /// The request as it is shown, but for these fields.
    fn request(&mut self, name: &str, fields: &Value) -> Value {
        let mut request = self.requests[name].clone();
        for (field, value) in fields.as_object().unwrap() {
            request[field] = value.clone();
        }
        self.seen.insert(name.to_owned());
        request
    }

    fn check(&mut self, name: &str, came: &Value) {
        let mut shown = self.events[name].clone();
        if came.get("success").is_none() {
            // An event that is also a reply is shown as the reply.
            shown.as_object_mut().unwrap().remove("success");
        }
        let difference = shape::difference(&shown, came);
        assert_eq!(difference, None, "{name}: {came}");
        self.seen.insert(name.to_owned());
    }
}

struct Client {
    socket: Socket,
    events: Events,
}

impl Client {
    async fn connect(url: &str, namespace: &str) -> Self {
        let socket = Socket::connect(&ConnectOptions::new(url).namespace(namespace)).await.unwrap();
        let events = socket.events().unwrap();
        Self { socket, events }
    }

    /// Sends a request as it is shown, but for `fields`, and takes the reply, which is acknowledgement and event.
    async fn ask(&mut self, shown: &mut Shown, request: &str, fields: Value, reply: &str) -> Value {
        let (request, reply) = (format!("mediasoup:{request}"), format!("mediasoup:{reply}"));
        let data = shown.request(&request, &fields);
        let ack = self.socket.request(&request, data).await.unwrap();
        shown.check(&reply, &ack);
        let event = self.events.next_where(&reply, |event| event.get("success").is_some()).await.unwrap();
        assert_eq!(event, ack, "{reply}");
        ack
    }

    async fn hears(&mut self, shown: &mut Shown, event: &str) {
        let name = format!("mediasoup:{event}");
        let came = self.events.next_where(&name, |event| event.get("success").is_none()).await.unwrap();
        shown.check(&name, &came);
    }

    /// Sends a request without an acknowledgement that is to fail.
    async fn fails(&mut self, shown: &mut Shown, request: &str) {
        let request = format!("mediasoup:{request}");
        let data = shown.request(&request, &json!({}));
        self.socket.emit(&request, data).await.unwrap();
        let error = self.events.next("mediasoup:error").await.unwrap();
        assert_eq!(self.events.next("error").await.unwrap(), error);
        shown.check("mediasoup:error", &error);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_can_be_sent_as_shown_and_what_is_shown_comes() {
    let mut shown = Shown::read();
    let recordings = FakeRecordings::new().unwrap();
    let server = server::anonymous_with(recordings.clone()).await;
    let url = server::url(&server);
    let mut ada = Client::connect(&url, "/").await;
    let mut bob = Client::connect(&url, "/ws").await;

    meet(&mut shown, &mut ada, &mut bob).await;
    let transport = open_transport(&mut shown, &mut ada).await;
    let producer = publish(&mut shown, &mut ada, &mut bob, &transport).await;
    consume(&mut shown, &mut bob, &producer).await;
    change_producer(&mut shown, &mut ada, &mut bob, &producer).await;
    ada.ask(&mut shown, "close-transport", json!({ "transportId": transport }), "transport-closed").await;
    record(&mut shown, &mut ada, &mut bob, &recordings).await;
    part(&mut shown, &mut ada, &mut bob).await;

    let stopping = tokio::spawn(server.shutdown());
    ada.hears(&mut shown, "server-draining").await;
    assert!(stopping.await.unwrap());

    // These need media; `mediasoup-server/src/signaling/events/tests.rs` has them.
    let unseen: Vec<_> =
        shown.events.keys().chain(shown.requests.keys()).filter(|name| !shown.seen.contains(*name)).collect();
    assert_eq!(
        unseen,
        [
            "mediasoup:active-speaker",
            "mediasoup:consumer-layers-changed",
            "mediasoup:consumer-score",
            "mediasoup:producer-score"
        ]
    );
}

async fn meet(shown: &mut Shown, ada: &mut Client, bob: &mut Client) {
    ada.ask(shown, "create-room", json!({}), "room-created").await;
    ada.ask(shown, "join-room", json!({}), "room-joined").await;
    let join = shown.request("mediasoup:join-room", &json!({}));
    bob.socket.request("mediasoup:join-room", join).await.unwrap();
    ada.hears(shown, "participant-joined").await;
    ada.ask(shown, "get-room-info", json!({}), "room-info").await;
}

async fn open_transport(shown: &mut Shown, ada: &mut Client) -> Value {
    let reply = ada.ask(shown, "create-transport", json!({}), "transport-created").await;
    let id = reply["transport"]["id"].clone();
    let of_transport = json!({ "transportId": id });
    ada.ask(shown, "connect-transport", of_transport.clone(), "transport-connected").await;
    ada.ask(shown, "restart-ice", of_transport, "ice-restarted").await;
    id
}

async fn publish(shown: &mut Shown, ada: &mut Client, bob: &mut Client, transport: &Value) -> Value {
    let of_transport = json!({ "transportId": transport });
    let reply = ada.ask(shown, "create-producer", of_transport, "producer-created").await;
    bob.hears(shown, "new-producer").await;
    reply["producer"]["id"].clone()
}

async fn consume(shown: &mut Shown, bob: &mut Client, producer: &Value) {
    let reply = bob.ask(shown, "create-transport", json!({ "direction": "recv" }), "transport-created").await;
    let fields = json!({ "transportId": reply["transport"]["id"], "producerId": producer });
    let reply = bob.ask(shown, "create-consumer", fields, "consumer-created").await;
    let of_consumer = json!({ "consumerId": reply["consumer"]["id"] });
    for (request, reply) in [
        ("resume-consumer", "consumer-resumed"),
        ("pause-consumer", "consumer-paused"),
        ("request-consumer-key-frame", "consumer-key-frame-requested"),
        ("set-consumer-preferred-layers", "consumer-preferred-layers-set"),
        ("get-stats", "stats"),
        ("close-consumer", "consumer-closed"),
    ] {
        bob.ask(shown, request, of_consumer.clone(), reply).await;
    }
}

async fn change_producer(shown: &mut Shown, ada: &mut Client, bob: &mut Client, producer: &Value) {
    let of_producer = json!({ "producerId": producer });
    for (request, reply, is_heard) in [
        ("pause-producer", "producer-paused", true),
        ("resume-producer", "producer-resumed", true),
        ("lock-producer", "producer-locked", false),
        ("unlock-producer", "producer-unlocked", false),
        ("close-producer", "producer-closed", true),
    ] {
        ada.ask(shown, request, of_producer.clone(), reply).await;
        if is_heard {
            bob.hears(shown, reply).await;
        }
    }
}

async fn record(shown: &mut Shown, ada: &mut Client, bob: &mut Client, recordings: &FakeRecordings) {
    ada.ask(shown, "start-recording", json!({}), "recording-started").await;
    bob.hears(shown, "recording-started").await;
    recordings.fail(&"room-123".parse().unwrap(), "Not enough free disk space");
    bob.hears(shown, "recording-failed").await;
    ada.ask(shown, "stop-recording", json!({}), "recording-stopped").await;
    bob.hears(shown, "recording-stopped").await;
    bob.hears(shown, "recording-ready").await;
    ada.fails(shown, "stop-recording").await;
}

async fn part(shown: &mut Shown, ada: &mut Client, bob: &mut Client) {
    bob.ask(shown, "leave-room", json!({}), "room-left").await;
    ada.hears(shown, "participant-left").await;
    let join = shown.request("mediasoup:join-room", &json!({}));
    let joined = bob.socket.request("mediasoup:join-room", join).await.unwrap();
    let of_bob = json!({ "participantId": joined["participant"]["id"] });
    ada.ask(shown, "remove-participant", of_bob, "participant-removed").await;
    bob.hears(shown, "room-left").await;
    ada.ask(shown, "close-room", json!({}), "room-closed").await;
}
