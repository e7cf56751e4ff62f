namespace RealTimeMesh.Contracts;

/// <summary>Root of every fault this platform raises. The message names the thing, what was found, what was expected and the cure.</summary>
public class RealTimeMeshException : Exception
{
    public RealTimeMeshException(string message)
        : base(message)
    {
    }

    public RealTimeMeshException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
