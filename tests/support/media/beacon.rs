//! What a participant of a test sends, so that it can be told in a recording when and in what state it arrived.

/// A picture with a bar that always moves and a flash once a second; a hum that never ends and a beep once a second,
/// which begins with the flash. Each has its own colour and pitches, so that beacons are told apart in one
/// picture and one sound, wherever in the picture they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beacon {
    /// Its name.
    pub name: &'static str,
    /// Which of red, green and blue it shows: 0, 1 or 2.
    pub channel: usize,
    /// Hz; a multiple of [`PITCH_STEP`].
    pub hum: u32,
    /// Hz; a multiple of [`PITCH_STEP`].
    pub beep: u32,
}

/// Hz: pitches are multiples of it, and so do not disturb each other in windows of 4 ms.
pub const PITCH_STEP: u32 = 250;

/// All there are. The browser tests have the same ones, in JavaScript.
pub const BEACONS: [Beacon; 3] = [
    Beacon { name: "red", channel: 0, hum: 250, beep: 1_000 },
    Beacon { name: "green", channel: 1, hum: 500, beep: 1_500 },
    Beacon { name: "blue", channel: 2, hum: 750, beep: 2_000 },
];

/// Seconds into each second at which flash and beep begin. Frames of 5, 10, 15… a second fall onto it.
pub const FLASH_AT: f64 = 0.4;
/// Seconds for which both last.
pub const FLASH_LASTS: f64 = 0.1;
/// Of full scale: three beacons together are not clipped.
pub const HUM_AMPLITUDE: f64 = 0.05;
/// Of full scale.
pub const BEEP_AMPLITUDE: f64 = 0.25;
/// By how much the bar is brighter than what is behind it, of 255.
const BAR: u8 = 100;
/// Pixels of the grey tiles behind it, without which encoders would have nothing to do.
const GREY_SIZE: usize = 4;
/// The lightest of them, of 255.
const GREY_MAX: usize = 64;

/// Samples in a second of a beacon's sound.
pub const SAMPLE_RATE: u32 = 48_000;

impl Beacon {
    /// A picture in RGB, `at` seconds: the flash in its upper half, the bar (a quarter of the width, once across
    /// a second) in the lower,
    /// on grey tiles.
    #[must_use]
    pub fn picture(&self, (width, height): (usize, usize), at: f64) -> Vec<u8> {
        // Frames are at thirds of ms, and the like.
        let into_second = (at + 1e-6).fract();
        let flashes = (FLASH_AT..FLASH_AT + FLASH_LASTS).contains(&into_second);
        let bar_from = (into_second * width as f64) as usize;
        let mut rgb = vec![0; width * height * 3];
        for (index, pixel) in rgb.chunks_exact_mut(3).enumerate() {
            let (x, y) = (index % width, index / width);
            let in_bar = y >= height / 2 && (x + width - bar_from) % width < width / 4;
            let grey = grey(x / GREY_SIZE, y / GREY_SIZE);
            pixel.fill(grey);
            pixel[self.channel] = match () {
                () if flashes && y < height / 2 => u8::MAX,
                () if in_bar => grey + BAR,
                () => grey,
            };
        }
        rgb
    }

    /// The sample, of full scale, with this index.
    #[must_use]
    pub fn sample(&self, index: u64) -> f64 {
        let into_second = index % u64::from(SAMPLE_RATE);
        let seconds = into_second as f64 / f64::from(SAMPLE_RATE);
        let tone = |pitch: u32| (std::f64::consts::TAU * f64::from(pitch) * seconds).sin();
        let beeps = (FLASH_AT..FLASH_AT + FLASH_LASTS).contains(&seconds);
        HUM_AMPLITUDE * tone(self.hum) + if beeps { BEEP_AMPLITUDE * tone(self.beep) } else { 0.0 }
    }
}

/// Looks like chance, but is always the same.
fn grey(x: usize, y: usize) -> u8 {
    let mixed = (x * 7_919 + y * 104_729) ^ (x * y * 31);
    (mixed % GREY_MAX) as u8
}
