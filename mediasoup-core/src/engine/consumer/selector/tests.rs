use super::*;

/// Of a stream of one packet a picture.
struct Stream {
    selector: Selector,
    sequence: u64,
}

impl Stream {
    fn new() -> Self {
        Self { selector: Selector::default(), sequence: 100 }
    }

    fn received(sequence: u64, is_key_frame: bool, place: Place) -> Received {
        Received {
            sequence,
            is_key_frame,
            place,
            begins_size: false,
            needs_key_frame: false,
            has_gap: false,
            restarted: false,
            is_late: false,
        }
    }

    /// Whether the next packet goes out.
    fn goes_out(&mut self, is_key_frame: bool, place: Place, target: Layer) -> bool {
        self.sequence += 1;
        let received = Self::received(self.sequence, is_key_frame, place);
        let verdict = self.selector.pass(&received, self.sequence as u32 * 3_000, target);
        verdict != Verdict::LeaveOut
    }
}

fn vp8(temporal: u8, is_sync: bool) -> Place {
    Place::Vp8(vp8::Place { temporal, is_sync, starts_frame: true })
}

fn vp9(spatial: u8, temporal: u8, is_inter: bool, switches_up: bool) -> Place {
    Place::Vp9(vp9::Place {
        layer: Layer::new(spatial, temporal),
        starts_frame: true,
        ends_frame: true,
        is_inter,
        switches_up,
        carries_upper: false,
    })
}

#[test]
fn a_rate_goes_up_at_its_own_switching_point_only() {
    let mut stream = Stream::new();
    let lowest = Layer::new(0, 0);
    assert!(stream.goes_out(true, vp8(0, false), lowest));
    assert!(!stream.goes_out(false, vp8(1, true), lowest));
    assert!(!stream.goes_out(false, vp8(1, false), Layer::ALL), "it needs the one before it");
    assert!(!stream.goes_out(false, vp8(2, true), Layer::ALL), "the next would need the rate between");
    assert!(stream.goes_out(false, vp8(1, true), Layer::ALL));
    assert!(!stream.goes_out(false, vp8(2, false), Layer::ALL));
    assert!(stream.goes_out(false, vp8(2, true), Layer::ALL));
    assert!(stream.goes_out(false, vp8(2, false), Layer::ALL));
    assert!(stream.goes_out(false, vp8(0, false), lowest));
    assert!(!stream.goes_out(false, vp8(1, false), lowest));
}

#[test]
fn a_late_packet_is_judged_by_what_held_for_its_neighbours() {
    let mut stream = Stream::new();
    assert!(stream.goes_out(true, vp8(0, false), Layer::new(0, 0)));
    stream.sequence += 1;
    let late = stream.sequence;
    assert!(stream.goes_out(false, vp8(1, true), Layer::ALL));
    let place = vp8(1, false);
    let verdict = stream.selector.pass(&Stream::received(late, false, place), 0, Layer::ALL);
    assert_eq!(verdict, Verdict::LeaveOut);
    assert_eq!(stream.selector.judge(late + 1, &place), Verdict::Forward(Part::default()));
    assert_eq!(stream.selector.judge(1, &place), Verdict::LeaveOut, "before anything was forwarded");
}

#[test]
fn vp9_goes_up_in_rate_where_rfc_9628_or_its_encoders_say_so() {
    let mut stream = Stream::new();
    let lowest = Layer::new(2, 0);
    let all = Layer::new(2, 2);
    assert!(stream.goes_out(true, vp9(0, 0, false, false), lowest));
    assert!(stream.goes_out(false, vp9(2, 0, true, false), lowest));
    assert!(!stream.goes_out(false, vp9(2, 2, true, true), all), "it may need the rate between");
    assert!(stream.goes_out(false, vp9(2, 1, true, true), all), "it needs the lowest rate only");
    let mut stream = Stream::new();
    assert!(stream.goes_out(true, vp9(0, 0, false, true), lowest));
    assert!(
        stream.goes_out(false, vp9(2, 2, true, false), all),
        "nothing after the switching point needs it"
    );
}

#[test]
fn sizes_that_stand_alone_change_with_a_key_picture() {
    let mut stream = Stream::new();
    let (small, large) = (Layer::new(0, 0), Layer::new(2, 0));
    assert!(stream.goes_out(true, vp9(0, 0, false, false), large));
    assert!(stream.goes_out(false, vp9(2, 0, true, false), large));
    assert!(!stream.goes_out(false, vp9(0, 0, true, false), large));
    assert!(!stream.goes_out(false, vp9(0, 0, true, false), small), "one before it was left out");
    assert!(stream.selector.needs_key_frame(small.spatial));
    assert!(stream.goes_out(false, vp9(2, 0, true, false), small));
    assert!(stream.goes_out(true, vp9(0, 0, false, false), small));
    assert!(!stream.goes_out(false, vp9(2, 0, true, false), small));
    assert!(stream.selector.needs_key_frame(large.spatial));
}
