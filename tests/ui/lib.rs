//! Empty: trybuild passes the features of this package on through its library.
