#include "media/audio_encoder.h"

#include <FLAC/stream_decoder.h>
#include <gtest/gtest.h>
#include <lame/lame.h>
#include <ogg/ogg.h>
#include <opus/opus.h>

#include <cmath>
#include <cstring>
#include <numbers>

namespace wasat::media {
namespace {

constexpr AudioFormat kAll[] = {AudioFormat::kMp3,  AudioFormat::kOpus, AudioFormat::kAac,
                                AudioFormat::kFlac, AudioFormat::kWav,  AudioFormat::kPcm};

std::uint32_t little(std::string_view bytes, std::size_t at, int n) {
  std::uint32_t value = 0;
  for (int i = n - 1; i >= 0; --i) {
    value = value << 8 | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
  }
  return value;
}

std::string as_bytes(const std::vector<std::int16_t>& samples) {
  return {reinterpret_cast<const char*>(samples.data()), samples.size() * 2};
}

// A tone of 440 Hz.
std::vector<std::int16_t> tone(double seconds, PcmShape shape = {}) {
  std::vector<std::int16_t> samples;
  for (int i = 0; i < static_cast<int>(seconds * shape.rate); ++i) {
    const double value = 12000 * std::sin(2 * std::numbers::pi * 440 * i / shape.rate);
    for (int c = 0; c < shape.channels; ++c) samples.push_back(static_cast<std::int16_t>(value));
  }
  return samples;
}

std::string encoded(AudioFormat format, std::string_view pcm, std::size_t step, PcmShape shape = {},
                    std::optional<std::uint64_t> samples = std::nullopt) {
  auto encoder = make_audio_encoder(format, shape, samples);
  EXPECT_TRUE(encoder.has_value());
  std::string out;
  for (std::size_t at = 0; at < pcm.size(); at += step) {
    EXPECT_TRUE((*encoder)->feed(pcm.substr(at, step), out).has_value());
  }
  EXPECT_TRUE((*encoder)->finish(out).has_value());
  return out;
}

// Of a tone; the decoder's delay and padding are silent.
double loudness(const std::vector<std::int16_t>& samples) {
  double sum = 0;
  for (const std::int16_t sample : samples) sum += static_cast<double>(sample) * sample;
  return sum;
}

std::vector<std::int16_t> decoded_mp3(std::string bytes) {
  hip_t hip = hip_decode_init();
  std::vector<std::int16_t> samples;
  std::vector<short> left(1 << 16);
  std::vector<short> right(1 << 16);
  mp3data_struct head{};
  // A frame at a time: what is fed once more is nothing.
  constexpr std::size_t kStep = 100;
  for (std::size_t at = 0; at < bytes.size(); at += kStep) {
    std::size_t size = std::min(kStep, bytes.size() - at);
    for (int n = 1; n > 0; size = 0) {
      n = hip_decode_headers(hip, reinterpret_cast<unsigned char*>(bytes.data() + at), size,
                             left.data(), right.data(), &head);
      EXPECT_GE(n, 0);
      samples.insert(samples.end(), left.begin(), left.begin() + std::max(n, 0));
    }
  }
  EXPECT_EQ(head.samplerate, 24000);
  EXPECT_EQ(head.stereo, 1);
  hip_decode_exit(hip);
  return samples;
}

struct FlacReader {
  std::string_view rest;
  std::vector<std::int16_t> samples;
  std::uint64_t promised = 0;
};

FlacReader decoded_flac(std::string_view bytes) {
  FlacReader reader{.rest = bytes};
  FLAC__StreamDecoder* decoder = FLAC__stream_decoder_new();
  const auto read = [](const FLAC__StreamDecoder*, FLAC__byte* room, std::size_t* size,
                       void* self) {
    auto& from = static_cast<FlacReader*>(self)->rest;
    *size = std::min(*size, from.size());
    std::memcpy(room, from.data(), *size);
    from.remove_prefix(*size);
    return *size == 0 ? FLAC__STREAM_DECODER_READ_STATUS_END_OF_STREAM
                      : FLAC__STREAM_DECODER_READ_STATUS_CONTINUE;
  };
  const auto write = [](const FLAC__StreamDecoder*, const FLAC__Frame* frame,
                        const FLAC__int32* const* channels, void* self) {
    for (unsigned i = 0; i < frame->header.blocksize; ++i) {
      static_cast<FlacReader*>(self)->samples.push_back(static_cast<std::int16_t>(channels[0][i]));
    }
    return FLAC__STREAM_DECODER_WRITE_STATUS_CONTINUE;
  };
  const auto meta = [](const FLAC__StreamDecoder*, const FLAC__StreamMetadata* data, void* self) {
    if (data->type != FLAC__METADATA_TYPE_STREAMINFO) return;
    static_cast<FlacReader*>(self)->promised = data->data.stream_info.total_samples;
  };
  const auto error = [](const FLAC__StreamDecoder*, FLAC__StreamDecoderErrorStatus, void*) {
    ADD_FAILURE() << "broken FLAC";
  };
  FLAC__stream_decoder_init_stream(decoder, read, nullptr, nullptr, nullptr, nullptr, write, meta,
                                   error, &reader);
  EXPECT_TRUE(FLAC__stream_decoder_process_until_end_of_stream(decoder));
  FLAC__stream_decoder_finish(decoder);
  FLAC__stream_decoder_delete(decoder);
  return reader;
}

TEST(AudioEncoder, AnySplitOfTheSamplesGivesTheSameBytes) {
  const std::string pcm = as_bytes(tone(0.5));
  for (const AudioFormat format : kAll) {
    const std::string whole = encoded(format, pcm, pcm.size());
    EXPECT_FALSE(whole.empty());
    for (const std::size_t step : {1u, 7u, 2048u, 4801u}) {
      EXPECT_TRUE(encoded(format, pcm, step) == whole) << content_type(format) << " by " << step;
    }
  }
}

TEST(AudioEncoder, Mp3DecodesToTheSameTone) {
  const auto samples = tone(2);
  const auto decoded = decoded_mp3(encoded(AudioFormat::kMp3, as_bytes(samples), 4096));
  EXPECT_NEAR(static_cast<double>(decoded.size()) / 24000, 2, 0.15);
  // LAME takes 5 % off the amplitude, against clipping.
  EXPECT_NEAR(loudness(decoded) / loudness(samples), 0.95 * 0.95, 0.02);
}

TEST(AudioEncoder, FlacDecodesToTheSameSamples) {
  const auto samples = tone(1.3);
  const auto known =
      decoded_flac(encoded(AudioFormat::kFlac, as_bytes(samples), 999, {}, samples.size()));
  EXPECT_TRUE(known.samples == samples);
  EXPECT_EQ(known.promised, samples.size());
  const auto stream = decoded_flac(encoded(AudioFormat::kFlac, as_bytes(samples), 999));
  EXPECT_TRUE(stream.samples == samples);
  EXPECT_EQ(stream.promised, 0u);
}

// ISO 13818-7, 6.2: every ADTS frame tells its length, rate and channels.
TEST(AudioEncoder, AacIsARowOfAdtsFramesOfTheRightLength) {
  const std::string bytes = encoded(AudioFormat::kAac, as_bytes(tone(2)), 4096);
  std::size_t frames = 0;
  for (std::size_t at = 0; at < bytes.size(); ++frames) {
    const auto byte = [&bytes, at](std::size_t i) {
      return static_cast<unsigned>(static_cast<unsigned char>(bytes[at + i]));
    };
    ASSERT_LE(at + 7, bytes.size());
    ASSERT_EQ(byte(0), 0xFFu);
    ASSERT_EQ(byte(1) & 0xF6u, 0xF0u);
    EXPECT_EQ(byte(2) >> 2 & 15u, 6u);  // 24 kHz
    EXPECT_EQ((byte(2) & 1u) << 2 | byte(3) >> 6, 1u);
    at += (byte(3) & 3u) << 11 | byte(4) << 3 | byte(5) >> 5;
    ASSERT_LE(at, bytes.size());
  }
  EXPECT_NEAR(static_cast<double>(frames) * 1024 / 24000, 2, 0.1);
}

// RFC 3533 and 7845: pages in order; the last one's position is the length at 48 kHz.
TEST(AudioEncoder, OpusIsAnOggStreamOfTheRightLength) {
  const std::string bytes = encoded(AudioFormat::kOpus, as_bytes(tone(2)), 4096);
  std::size_t pages = 0;
  std::uint32_t position = 0;
  std::uint32_t skipped = 0;
  for (std::size_t at = 0; at < bytes.size(); ++pages) {
    ASSERT_EQ(bytes.substr(at, 4), "OggS");
    EXPECT_EQ(little(bytes, at + 18, 4), pages);
    position = little(bytes, at + 6, 4);
    const std::size_t segments = static_cast<unsigned char>(bytes[at + 26]);
    std::size_t size = 27 + segments;
    for (std::size_t i = 0; i < segments; ++i) {
      size += static_cast<unsigned char>(bytes[at + 27 + i]);
    }
    if (pages == 0) {
      const std::string head = bytes.substr(at + 28, 19);
      EXPECT_EQ(head.substr(0, 8), "OpusHead");
      EXPECT_EQ(head[9], 1);                   // channels
      EXPECT_EQ(little(head, 12, 4), 24000u);  // of what was fed
      skipped = little(head, 10, 2);
    }
    const bool last = (bytes[at + 5] & 4) != 0;
    at += size;
    EXPECT_EQ(last, at == bytes.size());
  }
  EXPECT_GE(pages, 8u) << "a stream of two seconds comes in pieces";
  EXPECT_NEAR((position - skipped) / 48000.0, 2, 0.001);
}

TEST(AudioEncoder, OpusDecodesToTheSameTone) {
  const auto samples = tone(1);
  const std::string bytes = encoded(AudioFormat::kOpus, as_bytes(samples), 4096);
  OpusDecoder* decoder = opus_decoder_create(24000, 1, nullptr);
  std::vector<std::int16_t> decoded;
  std::vector<std::int16_t> frame(5760);
  ogg_sync_state sync;
  ogg_stream_state stream;
  ogg_page page;
  ogg_packet packet;
  ogg_sync_init(&sync);
  std::memcpy(ogg_sync_buffer(&sync, static_cast<long>(bytes.size())), bytes.data(), bytes.size());
  ogg_sync_wrote(&sync, static_cast<long>(bytes.size()));
  ogg_stream_init(&stream, 1);
  while (ogg_sync_pageout(&sync, &page) == 1) {  // checks the page's sum
    ogg_stream_pagein(&stream, &page);
    while (ogg_stream_packetout(&stream, &packet) == 1) {
      if (packet.packetno < 2) continue;
      const int n = opus_decode(decoder, packet.packet, static_cast<opus_int32>(packet.bytes),
                                frame.data(), static_cast<int>(frame.size()), 0);
      ASSERT_GT(n, 0);
      decoded.insert(decoded.end(), frame.begin(), frame.begin() + n);
    }
  }
  EXPECT_NEAR(loudness(decoded) / loudness(samples), 1, 0.05);
  ogg_stream_clear(&stream);
  ogg_sync_clear(&sync);
  opus_decoder_destroy(decoder);
}

TEST(AudioEncoder, WavTellsItsLengthWhereItIsKnown) {
  const auto samples = tone(0.25);
  const std::string pcm = as_bytes(samples);
  const std::string known = encoded(AudioFormat::kWav, pcm, 100, {}, samples.size());
  EXPECT_EQ(known.substr(0, 4), "RIFF");
  EXPECT_EQ(little(known, 4, 4), known.size() - 8);
  EXPECT_EQ(known.substr(8, 8), "WAVEfmt ");
  EXPECT_EQ(little(known, 22, 2), 1u);
  EXPECT_EQ(little(known, 24, 4), 24000u);
  EXPECT_EQ(little(known, 28, 4), 48000u);
  EXPECT_EQ(little(known, 40, 4), pcm.size());
  EXPECT_TRUE(known.substr(44) == pcm);
  const std::string stream = encoded(AudioFormat::kWav, pcm, 100);
  EXPECT_EQ(little(stream, 4, 4), 0xFFFFFFFFu);
  EXPECT_TRUE(stream.substr(44) == pcm);
}

TEST(AudioEncoder, PcmStaysAsItIsWithoutHalfASample) {
  EXPECT_EQ(encoded(AudioFormat::kPcm, "abcde", 1), "abcd");
}

TEST(AudioEncoder, NothingGivesAFileOrNothing) {
  for (const AudioFormat format : kAll) (void)encoded(format, "", 1);
  EXPECT_EQ(encoded(AudioFormat::kWav, "", 1, {}, 0).size(), 44u);
}

TEST(AudioEncoder, OtherRatesAndStereoWork) {
  for (const AudioFormat format : kAll) {
    for (const PcmShape shape : {PcmShape{8000, 1}, PcmShape{16000, 1}, PcmShape{48000, 2}}) {
      const std::string pcm = as_bytes(tone(0.3, shape));
      EXPECT_GT(encoded(format, pcm, 1001, shape).size(), 500u)
          << content_type(format) << " " << shape.rate;
    }
  }
}

TEST(AudioEncoder, WhatAFormatCannotDoIsSaid) {
  EXPECT_EQ(make_audio_encoder(AudioFormat::kAac, {23456, 1}).error().kind,
            ErrorKind::kUnsupported);
  EXPECT_TRUE(make_audio_encoder(AudioFormat::kMp3, {23456, 1}).has_value());
  EXPECT_EQ(make_audio_encoder(AudioFormat::kWav, {1, 1}).error().kind, ErrorKind::kUnsupported);
  EXPECT_EQ(make_audio_encoder(AudioFormat::kWav, {24000, 6}).error().kind,
            ErrorKind::kUnsupported);
}

TEST(AudioEncoder, AStreamGivesSomethingBeforeItsEnd) {
  const std::string pcm = as_bytes(tone(1));
  for (const AudioFormat format : kAll) {
    auto encoder = make_audio_encoder(format, {});
    std::string out;
    EXPECT_TRUE((*encoder)->feed(pcm, out).has_value());
    EXPECT_GT(out.size(), 1000u) << content_type(format);
  }
}

TEST(AudioEncoder, FormatsHaveNames) {
  EXPECT_EQ(audio_format("mp3"), AudioFormat::kMp3);
  EXPECT_EQ(audio_format("pcm"), AudioFormat::kPcm);
  EXPECT_EQ(audio_format("wma"), std::nullopt);
}

}  // namespace
}  // namespace wasat::media
