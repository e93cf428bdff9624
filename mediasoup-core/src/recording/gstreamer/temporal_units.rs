//! AV1 between a depayloader and a parser: whole temporal units.
//!
//! The depayloader gives the OBUs of each packet; a parser would hold them back until the next unit begins. The
//! depayloader's marker says where a unit ends, so they are put together here, and no frame is late.

use gstreamer as gst;
use gstreamer::prelude::*;

/// Makes `depayloader` give whole temporal units, and say so.
pub(super) fn join(depayloader: &gst::Pad) {
    let mut unit: Option<gst::Buffer> = None;
    let unit = std::sync::Mutex::new(move |packet: gst::Buffer| {
        let ends = packet.flags().contains(gst::BufferFlags::MARKER);
        let begun = unit.take().filter(|_| !packet.flags().contains(gst::BufferFlags::DISCONT));
        let joined = match begun {
            Some(mut begun) => {
                begun.append(packet);
                begun
            }
            None => packet,
        };
        if ends {
            return Some(joined);
        }
        unit = Some(joined);
        None
    });
    let kinds = gst::PadProbeType::EVENT_DOWNSTREAM | gst::PadProbeType::BUFFER;
    depayloader.add_probe(kinds, move |_, info| {
        match info.data.take() {
            Some(gst::PadProbeData::Buffer(packet)) => {
                let Ok(mut unit) = unit.lock() else { return gst::PadProbeReturn::Drop };
                let Some(unit) = unit(packet) else { return gst::PadProbeReturn::Drop };
                info.data = Some(gst::PadProbeData::Buffer(unit));
            }
            Some(gst::PadProbeData::Event(event)) => {
                info.data = Some(gst::PadProbeData::Event(in_units(event)));
            }
            other => info.data = other,
        }
        gst::PadProbeReturn::Ok
    });
}

fn in_units(event: gst::Event) -> gst::Event {
    let gst::EventView::Caps(caps) = event.view() else { return event };
    let mut caps = caps.caps_owned();
    caps.make_mut().set("alignment", "tu");
    gst::event::Caps::new(&caps)
}
