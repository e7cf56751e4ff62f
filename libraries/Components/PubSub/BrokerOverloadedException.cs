using RealTimeMesh.Contracts;

namespace RealTimeMesh.Components;

/// <summary>A broker has more unwritten messages than its bound allows: nothing was stored, the caller may try again later.</summary>
public sealed class BrokerOverloadedException : RealTimeMeshException
{
    public BrokerOverloadedException(string message)
        : base(message)
    {
    }

    public BrokerOverloadedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
