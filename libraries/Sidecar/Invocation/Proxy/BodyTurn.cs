namespace RealTimeMesh.Sidecar.Invocation.Proxy;

/// <summary>Who has a body that can be read once: an attempt takes it when its request is on its way, or gives it up before.</summary>
internal sealed class BodyTurn
{
    private const int Open = 0;
    private const int IsTaken = 1;
    private const int IsGivenUp = 2;

    private readonly TaskCompletionSource _taken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _state = Open;

    /// <summary>Ends when the request's headers have left and its body follows.</summary>
    public Task Taken => _taken.Task;

    /// <summary>False where the attempt had been given up.</summary>
    public bool TryTake()
    {
        if (Interlocked.CompareExchange(ref _state, IsTaken, Open) != Open)
            return false;
        _taken.SetResult();
        return true;
    }

    /// <summary>False where the request is on its way already.</summary>
    public bool TryGiveUp() => Interlocked.CompareExchange(ref _state, IsGivenUp, Open) != IsTaken;
}
