//! Empty: trybuild hands the features of this package on by its library.
