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

    /// <summary>True where changes after the position can't be had any more, or nobody can tell: <see cref="LostLog"/> says what is done.</summary>
    public bool LogIsLost { get; init; }
}
