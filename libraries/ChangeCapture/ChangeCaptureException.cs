using RealTimeMesh.Contracts;

namespace RealTimeMesh.ChangeCapture;

/// <summary>A database whose changes can't be captured as things are.</summary>
public sealed class ChangeCaptureException : RealTimeMeshException
{
    public ChangeCaptureException(string message)
        : base(message)
    {
    }

    public ChangeCaptureException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
