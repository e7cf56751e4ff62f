using RealTimeMesh.Contracts;

namespace RealTimeMesh.Streaming;

/// <summary>A view that cannot be compiled, or stored state that cannot be used.</summary>
public sealed class StreamingException : RealTimeMeshException
{
    public StreamingException(string message)
        : base(message)
    {
    }

    public StreamingException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
