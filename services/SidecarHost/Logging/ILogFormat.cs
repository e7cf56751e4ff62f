using System.Buffers;

namespace RealTimeMesh.SidecarHost.Logging;

/// <summary>Writes an event as one line, its end included.</summary>
internal interface ILogFormat
{
    void Write(IBufferWriter<byte> output, in LogLine line, LogIdentity identity);
}
